import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { nodeTooOld, runsService } from '../../infra/launcher/node-version.mjs';

/** A Node of this machine that can start the launcher and cannot run the service; undefined where there is none. */
export const olderNode = (): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, 'node'))
    .find((path) => {
      const { stdout, status } = spawnSync(path, ['--version'], { encoding: 'utf8' });
      return status === 0 && nodeTooOld(stdout.trim()) === undefined && !runsService(stdout.trim());
    });
