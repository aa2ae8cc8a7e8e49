/** For a call of the SDK that completes a factor: whether the device is to be remembered, which the FDI has no key for. */
export const remembering = (isWished: boolean) =>
  isWished
    ? {
        options: {
          preAPIHook: async ({ url, requestInit }: { url: string; requestInit: RequestInit }) => {
            const body: object = JSON.parse(typeof requestInit.body === 'string' ? requestInit.body : '{}');
            return { url, requestInit: { ...requestInit, body: JSON.stringify({ ...body, rememberDevice: true }) } };
          },
        },
      }
    : {};
