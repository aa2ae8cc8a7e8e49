/** How a command ends; docs/cli.md says the same. From 64 on they are those of BSD's `sysexits.h`. */
export const EXIT = {
  ok: 0,
  /** The command was understood and refused: no such user, a document that is not valid, a change that came between. */
  refused: 1,
  /** A policy would lock somebody out, has errors, or fails its table; the doctor found a problem. */
  findings: 2,
  usage: 64,
  /** A file that is not there or is not what it should be. */
  input: 66,
  /** AWS or the local run does not answer. Trying again may help. */
  unavailable: 69,
  /** A defect of ours. */
  defect: 70,
  /** No credentials, or not enough of them. */
  permission: 77,
  /** Ctrl-C, at a place from which it can go on. */
  interrupted: 130,
  /** Whoever read stdout closed it: `| head`. */
  unread: 141,
  /** `kill`, at a place from which it can go on. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
