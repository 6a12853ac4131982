import type { RequiredSecret } from '../../contracts/credentials';
import { hasExtraTrailingWhitespace, type LoginBytes, parseUserNameAndPassword } from '../credentials/login';
import { suggestedCommand } from '../process/command-lines';
import { getObject } from '../process/kubectl';
import { podSpecOfManifest } from '../synthesis/pods';
import { type Check, type CheckContext, uniqueSorted } from './check';
import { type CheckFinding, okFinding, problemFinding } from './finding';
import { pathsOfPublicHosts } from './hosts';
import type { PushRequest } from './network';
import { readPrivateCaCertificate } from './private-ca';

type Manifest = CheckContext['objects'][number]['manifest'];

/** Value of the label `job` of the test data. */
const JOB = 'edge-observability-doctor';

/** Checks whether clients can push with the user and password in their Secrets, on every path of the public host. */
export const pushes: Check = {
  name: 'pushes',
  run: async (context) => {
    const ca = await readPrivateCaCertificate(context);
    const found: CheckFinding[] = [];
    for (const secret of context.secrets.filter(({ side }) => side === 'client')) {
      const bytes = await readLoginBytes(secret, context);
      const paths = pathsOfPublicHosts(context.objects).filter(({ host }) => host === secret.host);
      const login = parseUserNameAndPassword(bytes);
      if ('fault' in login) {
        found.push(unusablePushLoginFinding(secret, login.fault));
        continue;
      }
      if (isSecretMountedByFluentBit(secret, context))
        found.push(...checkLoginForTrailingWhitespace(secret, bytes));
      const auth = `${login.user}:${login.password}`;
      for (const { host, path } of paths) {
        const message = minimalPushRequest(path, context.network.now());
        if (!message) continue;
        const request = { ...message, url: `https://${host}${message.url}`, auth, ...(ca && { ca }) };
        const answer = await context.network.push(request).catch((error: Error) => error);
        found.push(findingOfPushWithPassword(request.url, secret, answer));
      }
    }
    return uniqueSorted(found.map((one) => JSON.stringify(one))).map((one) => JSON.parse(one));
  },
};

/** Reads the user name and password in a Secret of type `kubernetes.io/basic-auth`. */
export async function readLoginBytes(
  { namespace, name }: Pick<RequiredSecret, 'namespace' | 'name'>,
  { kubectl }: CheckContext,
): Promise<LoginBytes> {
  const { data } = await getObject(kubectl, 'get', 'secret', name, '--namespace', namespace);
  const decodeSecretValue = (key: string) => Buffer.from(data?.[key] ?? '', 'base64');
  return { username: decodeSecretValue('username'), password: decodeSecretValue('password') };
}

const CREATE_REMEDY = `re-create the Secret with ${suggestedCommand('credentials')}, see docs/secrets.md#create-credentials-yourself`;

function unusablePushLoginFinding({ namespace, name }: RequiredSecret, fault: string): CheckFinding {
  return problemFinding(`no agent can push with the Secret ${namespace}/${name}: ${fault}`, CREATE_REMEDY);
}

function isSecretMountedByFluentBit({ namespace, name }: RequiredSecret, { objects }: CheckContext): boolean {
  return objects.some(({ manifest }) => {
    const { volumes = [], containers = [] } = podSpecOfManifest(manifest) ?? {};
    return (
      manifest.metadata.namespace === namespace &&
      volumes.some(({ secret }: Manifest) => secret?.secretName === name) &&
      containers.some((container: Manifest) => container.name === 'fluent-bit')
    );
  });
}

function checkLoginForTrailingWhitespace(
  { namespace, name }: RequiredSecret,
  bytes: LoginBytes,
): CheckFinding[] {
  return (['username', 'password'] as const)
    .filter((key) => hasExtraTrailingWhitespace(bytes[key]))
    .map((key) =>
      problemFinding(
        `the ${key} in the Secret ${namespace}/${name} ends in white space: Fluent Bit sends the white space, but other agents remove it`,
        CREATE_REMEDY,
      ),
    );
}

/** Returns the smallest valid push request for a path. Returns `undefined` if clients do not push to this path. */
export function minimalPushRequest(path: string, now: Date): Omit<PushRequest, 'auth'> | undefined {
  // The body has no samples, so the Pushgateway stores only the time of the push.
  if (path.endsWith('/metrics'))
    return { method: 'PUT', url: `${path}/job/${JOB}`, headers: {}, body: utf8Bytes('') };
  if (path.endsWith('/api/v1/write'))
    return { method: 'POST', url: path, headers: REMOTE_WRITE, body: EMPTY_SNAPPY_BLOCK };
  if (!path.endsWith('/loki/api/v1/push')) return undefined;
  const line = [`${BigInt(now.getTime()) * 1_000_000n}`, 'a push of doctor'];
  const body = utf8Bytes(JSON.stringify({ streams: [{ stream: { job: JOB }, values: [line] }] }));
  return { method: 'POST', url: path, headers: { 'Content-Type': 'application/json' }, body };
}

const utf8Bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const REMOTE_WRITE = {
  'Content-Type': 'application/x-protobuf',
  'Content-Encoding': 'snappy',
  'X-Prometheus-Remote-Write-Version': '0.1.0',
};

/** A remote-write request without series: an empty block in Snappy's format, which only contains the length 0. */
const EMPTY_SNAPPY_BLOCK = new Uint8Array([0]);

function findingOfPushWithPassword(
  url: string,
  { namespace, name }: RequiredSecret,
  answer: number | Error,
): CheckFinding {
  const secret = `the Secret ${namespace}/${name}`;
  if (answer instanceof Error)
    return problemFinding(
      `${url} does not respond: ${answer.message}`,
      'see the findings of the check "hosts"',
    );
  if (answer >= 200 && answer < 300) return okFinding(`${url} accepts a push with the password in ${secret}`);
  // The guard accepted the password. The status 400 comes from a Pushgateway for exporters, which refuses groups without the
  // name of a node.
  if (answer === 400 && url.endsWith(`/metrics/job/${JOB}`))
    return okFinding(`${url} accepts the password in ${secret}`);
  const remedy =
    answer === 401 || answer === 403
      ? `the password in ${secret} does not match the Secret with the users of this host: run ${suggestedCommand('credentials', '--rotate')}, see docs/secrets.md`
      : 'check the logs of the ingress controller, the guard and the backend';
  return problemFinding(
    `${url} responds with status ${answer} to a push with the password in ${secret}`,
    remedy,
  );
}
