// What Lambda does before the first request: import the bundle, find the handler. Plain JavaScript, so that nothing is
// compiled that a Lambda would not compile, and without a module of its own that the bundle would find loaded already.
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const began = performance.now();
const { handler } = await import(pathToFileURL(process.argv[2]).href);
const initMs = performance.now() - began;
if (typeof handler !== 'function') throw new TypeError(`${process.argv[2]} exports no handler`);
const { user, system } = process.cpuUsage();
writeSync(3, JSON.stringify({ initMs, cpuMs: (user + system) / 1000 }));
process.exit(0);
