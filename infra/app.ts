import { buildFunctions } from './build.ts';
import { buildPages } from './pages/build.ts';
import { pagesToBuild, stepgateApp } from './stack.ts';

// Here and not in an npm script: whoever synthesises, synthesises what the sources say now.
const pages = pagesToBuild();
await Promise.all([buildFunctions(), ...(pages === undefined ? [] : [buildPages(pages)])]);
stepgateApp().app.synth();
