import { findExternallyReachableEndpoints } from '../inventory/endpoints';
import { type Check, type CheckContext, uniqueSorted } from './check';
import { type CheckFinding, okFinding, problemFinding, warningFinding } from './finding';
import { readPrivateCaCertificate } from './private-ca';

/**
 * Remaining days of validity below which a certificate is reported. cert-manager renews a certificate 30 days before it expires,
 * so a certificate with fewer than 14 days shows that the renewal failed.
 */
const WARNING_DAYS = 14;

const DAY_MS = 86_400_000;

/** Checks whether the public hosts have DNS records, and certificates that edge nodes trust. */
export const hosts: Check = {
  name: 'hosts',
  run: async (context) => {
    const ca = await readPrivateCaCertificate(context);
    const found = await Promise.all(
      publicHosts(context.objects).map((host) => checkHostDnsAndCertificate(host, context, ca)),
    );
    return found.flat();
  },
};

/** Returns each path of each public host in the manifests. A host with several paths occurs several times. */
export function pathsOfPublicHosts(objects: CheckContext['objects']): { host: string; path: string }[] {
  return findExternallyReachableEndpoints(objects.map(({ manifest }) => manifest)).flatMap(
    ({ address, paths = [] }) => paths.map((path) => ({ host: address, path })),
  );
}

const publicHosts = (objects: CheckContext['objects']): string[] =>
  uniqueSorted(pathsOfPublicHosts(objects).map(({ host }) => host));

async function checkHostDnsAndCertificate(
  host: string,
  { network }: CheckContext,
  ca?: string,
): Promise<CheckFinding[]> {
  const addresses = await network.resolveHost(host);
  if (!addresses.length) {
    return [
      problemFinding(
        `${host} has no DNS record`,
        'add a DNS record with the address of the ingress controller',
      ),
    ];
  }
  const answer = await network.readCertificate(host, ca).catch((error: Error) => error);
  return [
    okFinding(`${host} resolves to ${addresses.join(', ')}`),
    checkHostCertificate(host, answer, network.now()),
  ];
}

type Answer = Awaited<ReturnType<CheckContext['network']['readCertificate']>> | Error;

function checkHostCertificate(host: string, answer: Answer, now: Date): CheckFinding {
  if (answer instanceof Error) {
    return problemFinding(
      `cannot open a TLS connection to ${host}: ${answer.message}`,
      'check that the ingress controller is running, and that port 443 is reachable from this machine',
    );
  }
  const days = Math.floor((answer.expires.getTime() - now.getTime()) / DAY_MS);
  if (answer.trustError !== undefined) {
    return problemFinding(
      `the certificate of ${host} is not trusted: ${answer.trustError}`,
      'renew the certificate, or set privateCa if your own CA signed the certificate',
    );
  }
  if (days < WARNING_DAYS) {
    return warningFinding(
      `the certificate of ${host} expires in ${days} days`,
      'see docs/runbooks/CertificateExpiring.md',
    );
  }
  return okFinding(`the certificate of ${host} is trusted for ${days} more days`);
}
