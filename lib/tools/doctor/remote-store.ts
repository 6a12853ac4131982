import { parseAbsolutePromqlSeconds } from '../../core/promql-numbers';
import { parseUserNameAndPassword } from '../credentials/login';
import { getObjectIfExists } from '../process/kubectl';
import { podSpecOfManifest } from '../synthesis/pods';
import type { Check, CheckContext } from './check';
import { type CheckFinding, okFinding, problemFinding, warningFinding } from './finding';
import type { PushRequest } from './network';
import { minimalPushRequest, readLoginBytes } from './push';
import { findRemoteStoreAddresses, type StoreAddress } from './store-addresses';

type Manifest = CheckContext['objects'][number]['manifest'];

/**
 * Checks whether this machine reaches the addresses of `remoteStore()`, with requests that contain no password. For addresses
 * inside the cluster, only checks whether the Service exists.
 */
export const remoteStore: Check = {
  name: 'metrics store',
  run: async (context) => {
    const found: CheckFinding[] = [];
    for (const address of findRemoteStoreAddresses(context))
      found.push(...(await checkStoreAddress(address, context)));
    return found;
  },
};

/**
 * Checks whether the store accepts the passwords of the gateway and of vmalert, and whether the store accepts late samples. Skips
 * addresses inside the cluster.
 */
export const remoteStoreLogins: Check = {
  name: 'passwords for the metrics store',
  run: async (context) => {
    const found: CheckFinding[] = [];
    for (const address of findRemoteStoreAddresses(context).filter(hasHttpsUrl)) {
      const auth = address.secretName && (await readUserAndPassword(address, context));
      if (auth instanceof Error) found.push(unusableStoreLoginFinding(address, auth));
      else found.push(...(await checkStoreLogin(address, auth, context)));
    }
    return found;
  },
};

/** Returns whether the URL begins with `https://`. Other addresses are inside the cluster, so this machine cannot request them. */
const hasHttpsUrl = ({ url }: StoreAddress): boolean => url.startsWith('https://');

const urlOptionName = ({ option }: StoreAddress): string => `${option}.url of remoteStore()`;

async function checkStoreAddress(address: StoreAddress, context: CheckContext): Promise<CheckFinding[]> {
  const { url, secretName } = address;
  if (!hasHttpsUrl(address)) return checkStoreServiceExists(address, context);
  const answer = await sendTestRequest(address, undefined, context);
  if (answer instanceof Error) {
    return [
      problemFinding(
        `${url} does not respond: ${answer.message}`,
        `check ${urlOptionName(address)}, and the DNS record and the certificate of the host in this URL`,
      ),
    ];
  }
  if ((answer === 401 || answer === 403) && !secretName) {
    return [
      problemFinding(
        `${url} responds with status ${answer}: the store requires a password, or a tenant header`,
        `set ${address.option}.credentialsSecretName or ${address.option}.headers of remoteStore()`,
      ),
    ];
  }
  if (answer === 401 || answer === 403) return [okFinding(`${url} responds, and requires a password`)];
  return [httpStatusFinding(address, answer, 'responds')];
}

async function checkStoreLogin(
  address: StoreAddress,
  auth: string | undefined,
  context: CheckContext,
): Promise<CheckFinding[]> {
  const { url, namespace, secretName } = address;
  const answer = await sendTestRequest(address, auth, context);
  // The check `remoteStore` reports addresses that do not respond.
  if (answer instanceof Error) return [];
  const checkOutOfOrderWindowOfQueryUrl = () =>
    address.option === 'query' ? checkOutOfOrderWindow(address, auth, context) : [];
  // The check `remoteStore` also reports the status of requests without a password.
  if (!secretName) return answer < 300 ? checkOutOfOrderWindowOfQueryUrl() : [];
  if (answer === 401 || answer === 403) {
    return [
      problemFinding(
        `${url} responds with status ${answer} to the password in the Secret ${namespace}/${secretName}`,
        `change the password in the Secret, or the tenant in ${address.option}.headers of remoteStore()`,
      ),
    ];
  }
  return [
    httpStatusFinding(address, answer, 'accepts the password'),
    ...(await checkOutOfOrderWindowOfQueryUrl()),
  ];
}

function httpStatusFinding(address: StoreAddress, answer: number, what: string): CheckFinding {
  const { url, option } = address;
  if (answer >= 200 && answer < 300) return okFinding(`${url} ${what}`);
  if (answer === 404 || answer === 405) {
    const example =
      option === 'write'
        ? 'https://store.example.com/api/v1/push'
        : 'https://store.example.com/prometheus, without /api/v1/query';
    return problemFinding(
      `${url} responds with status ${answer}, so the path is probably wrong`,
      `set ${urlOptionName(address)} to the complete URL, such as ${example}`,
    );
  }
  return warningFinding(
    `${url} responds with status ${answer}`,
    'see the logs of the store, and of the proxy in front of the store',
  );
}

/**
 * Checks whether the Service of an address inside the cluster exists. This machine cannot request the address. Returns an empty
 * list if the address is not the address of a Service.
 */
async function checkStoreServiceExists(
  address: StoreAddress,
  { kubectl }: CheckContext,
): Promise<CheckFinding[]> {
  const [, name, namespace] = /^http:\/\/(?:[\w-]+\.)?([\w-]+)\.([\w-]+)\.svc\b/.exec(address.url) ?? [];
  if (!name || !namespace) return [];
  const service = await getObjectIfExists(kubectl, 'get', 'service', name, '--namespace', namespace);
  if (service) return [okFinding(`the Service ${namespace}/${name} of ${urlOptionName(address)} exists`)];
  return [
    problemFinding(
      `the Service ${namespace}/${name} does not exist`,
      `set ${urlOptionName(address)} to an existing Service`,
    ),
  ];
}

/**
 * Checks whether a Prometheus accepts the oldest samples that the gateway can send. Returns an empty list if the
 * gateway has no write filter, or if the store is not a Prometheus: other stores do not report their out-of-order
 * window.
 */
async function checkOutOfOrderWindow(
  address: StoreAddress,
  auth: string | undefined,
  context: CheckContext,
): Promise<CheckFinding[]> {
  const needed = outOfOrderWindowSecondsOfGateway(context);
  if (needed === undefined) return [];
  const request = {
    ...(await buildTestRequest(address, auth, context)),
    url: `${address.url}/api/v1/status/config`,
  };
  const answer = await context.network.read(request).catch((error: Error) => error);
  if (answer instanceof Error || answer.status !== 200) return [];
  const window = /out_of_order_time_window: (\w+)/.exec(answer.text.replaceAll('\\n', '\n'))?.[1] ?? '0s';
  if (parseAbsolutePromqlSeconds(window) >= needed)
    return [okFinding(`${address.url} accepts samples that are up to ${window} old`)];
  return [
    problemFinding(
      `${address.url} has the out-of-order window ${window}, but the gateway sends samples that are up to ${needed}s old`,
      `set storage.tsdb.out_of_order_time_window to ${needed}s or more, or reduce write.outOfOrderWindow of remoteStore()`,
    ),
  ];
}

/**
 * Returns the out-of-order window of the gateway's write filter, in seconds. Returns `undefined` if the gateway has no
 * write filter.
 */
function outOfOrderWindowSecondsOfGateway({ objects }: CheckContext): number | undefined {
  const gateway = objects.find(
    ({ manifest }) => manifest.metadata.name === 'metrics-gateway' && manifest.spec?.template,
  );
  const filter = podSpecOfManifest(gateway?.manifest ?? {})?.containers?.find(
    ({ name }: Manifest) => name === 'write-filter',
  );
  const value = filter?.env?.find(({ name }: Manifest) => name === 'OUT_OF_ORDER_SECONDS')?.value;
  return value === undefined ? undefined : Number(value);
}

const QUERY = {
  method: 'POST',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: new TextEncoder().encode('query=vector(1)'),
} as const;

/** Sends a query, or a remote-write request without series. Returns the HTTP status, or the error if there is no response. */
async function sendTestRequest(
  address: StoreAddress,
  auth: string | undefined,
  context: CheckContext,
): Promise<number | Error> {
  const request = await buildTestRequest(address, auth, context);
  return context.network.push(request).catch((error: Error) => error);
}

async function buildTestRequest(
  { option, url, headers, ca, namespace }: StoreAddress,
  auth: string | undefined,
  { kubectl, network }: CheckContext,
): Promise<PushRequest> {
  const message = option === 'write' ? minimalPushRequest('/api/v1/write', network.now()) : QUERY;
  const configMap =
    ca && (await getObjectIfExists(kubectl, 'get', 'configmap', ca.name, '--namespace', namespace));
  const certificate: string | undefined = ca && configMap?.data?.[ca.key];
  return {
    ...(message ?? QUERY),
    url: option === 'write' ? url : `${url}/api/v1/query`,
    headers: { ...message?.headers, ...headers },
    ...(auth && { auth }),
    ...(certificate && { ca: certificate }),
  };
}

async function readUserAndPassword(
  { namespace, secretName = '' }: StoreAddress,
  context: CheckContext,
): Promise<string | Error> {
  const login = parseUserNameAndPassword(await readLoginBytes({ namespace, name: secretName }, context));
  return 'fault' in login ? new Error(login.fault) : `${login.user}:${login.password}`;
}

const unusableStoreLoginFinding = (
  { namespace, secretName, option }: StoreAddress,
  { message }: Error,
): CheckFinding =>
  problemFinding(
    `the Secret ${namespace}/${secretName} of ${option}.credentialsSecretName is not usable: ${message}`,
    're-create the Secret with the type kubernetes.io/basic-auth and the keys username and password',
  );
