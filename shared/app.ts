import type { Config } from './config.ts';
import { lazyMailer } from './delivery/lazy-mailer.ts';
import { lazyTexter } from './delivery/lazy-texter.ts';
import {
  accountLinks,
  accounts,
  administration,
  authenticators,
  codes,
  completions,
  enlistingConfiguration,
  limits,
  openKeys,
  recovery,
  runtime,
  sessions,
  type Surroundings,
} from './parts.ts';
import { thirdParty } from './third-party-parts.ts';

/** The whole service in one process: what the local run and the tests serve. Lambdas take their parts from parts.ts. */
export function allPorts(config: Config, surroundings?: Surroundings) {
  const base = runtime(config, surroundings);
  const keyed = { ...base, ...openKeys(base) };
  return {
    ...keyed,
    ...enlistingConfiguration(base),
    ...accounts(keyed),
    ...accountLinks(keyed),
    ...sessions(base),
    ...limits(keyed),
    ...codes(keyed),
    ...completions(keyed),
    ...authenticators(keyed),
    ...thirdParty(keyed),
    ...recovery(keyed),
    ...administration(keyed),
    mailer: lazyMailer(config, base.log),
    texter: lazyTexter(config, base.log),
  };
}

export type App = ReturnType<typeof allPorts>;
