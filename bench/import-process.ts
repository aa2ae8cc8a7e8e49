import { seedKeys } from '../infra/local/sample.ts';
import { allPorts } from '../shared/app.ts';
import { readConfig } from '../shared/config.ts';
import { importUsers } from '../shared/import/import-users.ts';
import { readers } from '../shared/import/readers.ts';

/** Imports, does nothing else, and says how long it took and how large it was. */
const users = Number(process.argv[2]);
const app = allPorts(readConfig(process.env));
const HASH = '$2b$10$Z6hUTEEeoJXN5/AmSm/4.eZ75RYgFVriQM9LPhNEC7kbAbS/VAaJ2';

/** A file of chunks that hold half lines, as a disk gives them. */
async function* file(count: number) {
  let chunk = '';
  for (let i = 0; i < count; i += 1) {
    chunk += `${JSON.stringify({
      id: `user-${i}`,
      timeJoined: 1_700_000_000_000 + i,
      metadata: { plan: i % 7 === 0 ? 'paid' : 'free', name: `User ${i}` },
      roles: i % 50 === 0 ? ['admin'] : [],
      requiredFactors: i % 5 === 0 ? ['totp'] : [],
      totpDevices: i % 5 === 0 ? [{ name: 'phone', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }] : [],
      loginMethods: [{ recipeId: 'emailpassword', email: `user-${i}@example.com`, verified: true, passwordHash: HASH }],
    })}\n`;
    if (chunk.length < 65_536) continue;
    yield chunk.slice(0, 65_536);
    chunk = chunk.slice(65_536);
  }
  yield chunk;
}

const rssMb: number[] = [];
async function run(count: number, expected: 'created' | 'unchanged'): Promise<number> {
  const begun = performance.now();
  let done = 0;
  const summary = await importUsers(
    readers.ndjson(file(count)),
    {
      tenantId: 'public',
      onLine: () => {
        done += 1;
        if (done % Math.max(1, Math.floor(count / 10)) === 0) rssMb.push(process.memoryUsage.rss() / 1e6);
      },
    },
    app,
  );
  if (summary[expected] !== count) throw new Error(`${summary[expected]} of ${count} were ${expected}`);
  return performance.now() - begun;
}

await seedKeys(app);
const first = await run(users, 'created');
const { user, system } = process.cpuUsage();
const again = await run(Math.ceil(users / 10), 'unchanged');
rssMb.push(process.resourceUsage().maxRSS / 1000);
process.send!({ first, again, cpu: (user + system) / 1000, rssMb });
process.disconnect();
