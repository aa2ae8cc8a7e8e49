const OLDEST_LAUNCHER = 20;
const SERVICE = 24;

const majorOf = (version) => Number(/^v?(\d+)/.exec(version)?.[1] ?? 0);

/** What to tell a person whose Node cannot even start Stepgate; undefined when it can. */
export function nodeTooOld(version) {
  if (majorOf(version) >= OLDEST_LAUNCHER) return undefined;
  return `Stepgate needs Node ${OLDEST_LAUNCHER} or later; this is Node ${version.replace(/^v/, '')}.`;
}

/** Whether this Node can run the service itself: it reads TypeScript and has argon2. */
export const runsService = (version) => majorOf(version) >= SERVICE;
