import type { Plugin } from 'rolldown';

const SCHEMAS = /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/;
const CONSTANT = /^const (_\w+) = ("[^"\\]*");$/gm;
const COMPUTED_KEY = /\[(_\w+)\]: /g;

/**
 * Writes `{ [_h]: … }` in the AWS clients' schemas as `{ "http": … }`, which is what `const _h = "http"` says.
 *
 * A bundler keeps every object with a computed key, since reading a key could run code; so a client that sends one
 * command keeps the schemas of all of them. With plain keys they shake out: 44 KB less for SES.
 */
export const plainSchemaKeys: Plugin = {
  name: 'plain-schema-keys',
  transform: {
    filter: { id: SCHEMAS },
    handler(source) {
      const constants = new Map([...source.matchAll(CONSTANT)].map(([, name, value]) => [name, value]));
      const code = source.replaceAll(COMPUTED_KEY, (found, name: string) => {
        const value = constants.get(name);
        return value === undefined ? found : `${value}: `;
      });
      // Every line stays where it was.
      return { code, map: null };
    },
  },
};
