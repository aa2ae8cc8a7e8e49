import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const SCHEMAS = /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/;
const CONSTANT = /^const (_\w+) = ("[^"\\]*");$/gm;
const COMPUTED_KEY = /\[(_\w+)\]: /g;

/**
 * Writes `{ [_h]: … }` in the AWS clients' schemas as `{ "http": … }`, which is what `const _h = "http"` says.
 *
 * esbuild keeps every object with a computed key, since reading a key could run code; so a client that sends one command
 * keeps the schemas of all of them. With plain keys they shake out: 44 KB less for SES.
 */
export const plainSchemaKeys: Plugin = {
  name: 'plain-schema-keys',
  setup(build) {
    build.onLoad({ filter: SCHEMAS }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const constants = new Map([...source.matchAll(CONSTANT)].map(([, name, value]) => [name, value]));
      return {
        contents: source.replaceAll(COMPUTED_KEY, (found, name: string) => {
          const value = constants.get(name);
          return value === undefined ? found : `${value}: `;
        }),
        loader: 'js',
      };
    });
  },
};
