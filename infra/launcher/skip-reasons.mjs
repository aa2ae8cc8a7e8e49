import { writeFileSync } from 'node:fs';

/** A vitest reporter: why tests were skipped, by full name. vitest's JSON report leaves the reasons out. */
export default function skipReasons() {
  return {
    onTestRunEnd(modules) {
      const reasons = modules.flatMap((module) =>
        [...module.children.allTests('skipped')].map((test) => [
          test.fullName.replaceAll(' > ', ' '),
          test.result().note,
        ]),
      );
      writeFileSync(process.env.STEPGATE_SKIP_REASONS, JSON.stringify(Object.fromEntries(reasons)));
    },
  };
}
