import { writeFileSync } from 'node:fs';

/** A vitest reporter: why tests were skipped, by full name. vitest's JSON report leaves the reasons out. */
export default function skipReasons() {
  return {
    onTestRunEnd(modules) {
      const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
      const reasons = skipped.map((test) => [fullName(test), test.result().note ?? withoutBrowser(test.module)]);
      writeFileSync(process.env.STEPGATE_SKIP_REASONS, JSON.stringify(Object.fromEntries(reasons)));
    },
  };
}

/** As the JSON report spells it: every suite's name and the test's, with a space between. */
const fullName = (task) => (task.parent?.type === 'suite' ? `${fullName(task.parent)} ${task.name}` : task.name);

/** A suite that is skipped as a whole has no note of its own; these are, where there is no browser. */
const withoutBrowser = ({ moduleId }) =>
  process.env.STEPGATE_CHROMIUM === undefined && /test\/(browser|sdk)\/|chromium\.test/.test(moduleId)
    ? 'no Chromium here: install one, or name it in STEPGATE_CHROMIUM'
    : undefined;
