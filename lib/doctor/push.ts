import type { RequiredSecret } from '../contracts/credentials';
import { printedObject } from '../process/kubectl';
import { authorityOf } from './authority';
import { type Check, type Examination, unique } from './examination';
import { type Found, ok, problem } from './finding';
import { publicPaths } from './hosts';
import type { PushRequest } from './network';

/** The job under which this stands in the stores. */
const JOB = 'edge-observability-doctor';

/** Whether each of the edge's users can push, at every path of its host. */
export const pushes: Check = {
  name: 'pushes',
  look: async (examination) => {
    const ca = await authorityOf(examination);
    const found: Found[] = [];
    for (const secret of examination.secrets.filter(({ side }) => side === 'client')) {
      const auth = await login(secret, examination);
      for (const { host, path } of publicPaths(examination.objects)) {
        const message = host === secret.host && messageFor(path, examination.network.now());
        if (!message) continue;
        const request = { ...message, url: `https://${host}${message.url}`, auth, ...(ca && { ca }) };
        const answer = await examination.network.push(request).catch((error: Error) => error);
        found.push(judged(request.url, secret, answer));
      }
    }
    return unique(found.map((one) => JSON.stringify(one))).map((one) => JSON.parse(one));
  },
};

async function login({ namespace, name }: RequiredSecret, { kubectl }: Examination): Promise<string> {
  const { data } = await printedObject(kubectl, 'get', 'secret', name, '--namespace', namespace);
  const text = (key: string) => Buffer.from(data?.[key] ?? '', 'base64').toString();
  return `${text('username')}:${text('password')}`;
}

/** The smallest push that a path takes. */
function messageFor(path: string, now: Date): Omit<PushRequest, 'auth'> | undefined {
  // A group without samples: only the time of its push.
  if (path.endsWith('/metrics'))
    return { method: 'PUT', url: `${path}/job/${JOB}`, headers: {}, body: bytes('') };
  if (path.endsWith('/api/v1/write'))
    return { method: 'POST', url: path, headers: REMOTE_WRITE, body: NO_SERIES };
  if (!path.endsWith('/loki/api/v1/push')) return undefined;
  const line = [`${BigInt(now.getTime()) * 1_000_000n}`, 'a push of npm run doctor'];
  const body = bytes(JSON.stringify({ streams: [{ stream: { job: JOB }, values: [line] }] }));
  return { method: 'POST', url: path, headers: { 'Content-Type': 'application/json' }, body };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const REMOTE_WRITE = {
  'Content-Type': 'application/x-protobuf',
  'Content-Encoding': 'snappy',
  'X-Prometheus-Remote-Write-Version': '0.1.0',
};

/** Nothing, as snappy writes it: its length alone. */
const NO_SERIES = new Uint8Array([0]);

function judged(url: string, { namespace, name }: RequiredSecret, answer: number | Error): Found {
  const user = `${namespace}/${name}`;
  if (answer instanceof Error)
    return problem(`${url} does not answer: ${answer.message}`, 'see what is said of hosts');
  if (answer >= 200 && answer < 300) return ok(`${url} takes a push with ${user}`);
  // Behind the guard, which has checked the password: a Pushgateway of exporters takes no group without its node.
  if (answer === 400 && url.endsWith(`/metrics/job/${JOB}`))
    return ok(`${url} takes the password in ${user}`);
  const remedy =
    answer === 401 || answer === 403
      ? `the password in ${user} is not that of the users' Secret: npm run --silent credentials -- --rotate, see docs/secrets.md`
      : 'look at the logs of the ingress controller, the guard and what stands behind it';
  return problem(`${url} answers ${answer} to a push with ${user}`, remedy);
}
