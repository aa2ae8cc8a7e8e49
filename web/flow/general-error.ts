/**
 * What the SDK throws for `GENERAL_ERROR`: its message is for people.
 *
 * By its mark, for the SDK's own class cannot be imported as its types say: bundlers that follow Node's rules for
 * CommonJS give a module in the class's place.
 */
export const isGeneralError = (error: unknown): error is Error =>
  error instanceof Error && 'isSuperTokensGeneralError' in error && error.isSuperTokensGeneralError === true;
