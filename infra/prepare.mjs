// npm runs this in a checkout after `npm install`, where the tools build what they need themselves, and while it makes a
// package of a directory or a Git repository, for which it does not run `prepack`: only then is there something to do.
if (process.env.npm_package_resolved !== undefined) await import('./build-package.ts');
