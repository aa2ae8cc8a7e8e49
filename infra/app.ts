import { buildFunctions } from './build.ts';
import { stepgateApp } from './stack.ts';

// Here and not in an npm script: whoever synthesises, synthesises what the sources say now.
await buildFunctions();
stepgateApp().app.synth();
