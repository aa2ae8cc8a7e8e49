/**
 * What `@aws-sdk/credential-provider-node` becomes in a bundle (see `infra/build.ts`).
 *
 * That package looks for credentials in seven places: environment, SSO, profiles, web identity, a process, ECS and
 * EC2. Lambda puts them into the environment and nowhere else, so the other six are 135 KB that every cold start reads
 * for nothing. The gateway test and the local run set the same variables, so what is tested is what is deployed.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
