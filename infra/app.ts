import { buildFunctions } from './build.ts';
import { PAGES_DIRECTORY } from './hosted-pages.ts';
import { buildPages } from './pages/build.ts';
import { stepgateApp } from './stack.ts';

// Here and not in an npm script: whoever synthesises, synthesises what the sources say now.
await Promise.all([buildFunctions(), buildPages(PAGES_DIRECTORY)]);
stepgateApp().app.synth();
