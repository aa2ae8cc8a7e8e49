import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RemovalPolicy } from 'aws-cdk-lib';
import { afterAll, describe, expect, it } from 'vitest';
import { type StepgateProps, addressOf, settingsOf } from '../../infra/constructs/settings.ts';
import { stepgateApp } from '../../infra/stack.ts';

const faults = (props: Partial<StepgateProps>): readonly string[] => {
  try {
    settingsOf({ mailFrom: 'no-reply@example.com', ...props });
    return [];
  } catch (error) {
    return String(error)
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
};

describe('settingsOf', () => {
  it('needs a sender and nothing else', () => {
    expect(faults({})).toEqual([]);
    expect(settingsOf({ mailFrom: 'a@example.com' }).removalPolicy).toBe(RemovalPolicy.RETAIN);
  });

  it.each<[keyof StepgateProps, Partial<StepgateProps>]>([
    ['mailFrom', { mailFrom: 'example.com' }],
    ['mailFrom', { mailFrom: 'Acme <no-reply@localhost>' }],
    ['publicUrl', { publicUrl: 'https://auth.example.com/' }],
    ['publicUrl', { publicUrl: 'http://auth.example.com' }],
    ['appName', { appName: 'a name of more than twenty characters' }],
    ['smsCountries', { smsCountries: ['Hungary'] }],
    ['cookieDomain', { cookieDomain: 'example.com' }],
    ['cookieDomain', { cookieDomain: 'ample.com', publicUrl: 'https://example.com' }],
    ['allowedOrigins', { allowedOrigins: ['https://app.example.com/'] }],
    ['alarmEmail', { alarmEmail: 'nobody' }],
    ['throttle', { throttle: { rateLimit: 0, burstLimit: 10 } }],
    ['tableLimit', { tableLimit: { reads: 0, writes: 1 } }],
    ['smsBudget', { smsBudget: 0 }],
  ])('names %s when it cannot work: %j', (name, props) => {
    expect(faults(props)).toContainEqual(expect.stringMatching(new RegExp(`^${name}: `)));
  });

  describe('hostedPages', () => {
    const directory = mkdtempSync(join(tmpdir(), 'stepgate-settings-'));
    writeFileSync(join(directory, 'index.html'), '');
    afterAll(() => rmSync(directory, { recursive: true }));
    const pages = { directory, headers: {} };
    const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/a';
    const domain = { name: 'auth.example.com', certificateArn };

    it('say what browsers see', () => {
      const props = { mailFrom: 'a@example.com', hostedPages: { ...pages, domain } };
      expect(settingsOf(props).publicUrl).toBe('https://auth.example.com');
      expect(faults({ hostedPages: pages })).toEqual([]);
      expect(faults({ hostedPages: { ...pages, domain }, cookieDomain: '.example.com' })).toEqual([]);
    });

    it.each<[RegExp, Partial<StepgateProps>]>([
      [/^hostedPages: there is no index.html/, { hostedPages: { ...pages, directory: '/nowhere' } }],
      [/^publicUrl: /, { hostedPages: pages, publicUrl: 'https://auth.example.com' }],
      [/^publicUrl: /, { hostedPages: { ...pages, domain }, publicUrl: 'https://other.example.com' }],
      [
        /certificate must be .* us-east-1/,
        {
          hostedPages: { ...pages, domain: { ...domain, certificateArn: 'arn:aws:acm:eu-central-1:1:certificate/a' } },
        },
      ],
      [/webAclArn/, { hostedPages: { ...pages, webAclArn: 'arn:aws:wafv2:eu-central-1:1:regional/webacl/a/b' } }],
      [/edgeTokenGeneration/, { hostedPages: { ...pages, edgeTokenGeneration: 0 } }],
      [/^publicUrl: /, { hostedPages: { ...pages, domain: { ...domain, name: 'Not a domain/' } } }],
    ])('%s', (fault, props) => expect(faults(props)).toContainEqual(expect.stringMatching(fault)));
  });

  it('names all that is wrong at once', () => {
    expect(faults({ publicUrl: 'example.com', smsBudget: -1 })).toHaveLength(3);
  });

  it('takes a cookie domain above the public host', () => {
    expect(faults({ cookieDomain: '.example.com', publicUrl: 'https://auth.example.com' })).toEqual([]);
  });
});

describe('addressOf', () => {
  it.each([
    ['no-reply@example.com', 'no-reply@example.com'],
    ['Acme <no-reply@example.com>', 'no-reply@example.com'],
    ['"Acme <Inc>" <no-reply@example.com>', 'no-reply@example.com'],
  ])('%s', (mailFrom, address) => expect(addressOf(mailFrom)).toBe(address));
});

describe('context of the app', () => {
  it('names what is wrong, before anything is synthesised', () => {
    expect(() => stepgateApp({ antiCsrf: 'SOMETIMES', sesSandbox: 'maybe' })).toThrow(
      /antiCsrf: must be[^\n]*\n +|sesSandbox/,
    );
  });

  it('wants a certificate with a domain of the pages', () => {
    expect(() => stepgateApp({ hostedPages: 'true', pagesDomain: 'auth.example.com' })).toThrow(/pagesCertificateArn/);
  });
});
