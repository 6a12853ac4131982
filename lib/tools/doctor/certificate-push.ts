import { X509Certificate } from 'node:crypto';
import type { Check, CheckContext } from './check';
import { type CheckFinding, okFinding, problemFinding, warningFinding } from './finding';
import { pathsOfPublicHosts } from './hosts';
import { readPrivateCaCertificate } from './private-ca';
import { minimalPushRequest } from './push';

/**
 * Checks whether a node can push with the certificate of `--certificate`, on every path that nodes push to. Returns a
 * warning if `--certificate` is not given. Returns no findings if no guard (the nginx that checks pushes) requires
 * certificates.
 */
export const certificatePushes: Check = {
  name: 'pushes with a certificate',
  run: async (context) => {
    const pattern = readCertificateSubjectPattern(context);
    if (!pattern) return [];
    const { nodeCertificate: shown, network } = context;
    if (!shown) return [certificateNotTested];
    const node = nodeNameOfCertificate(shown.cert, pattern);
    if (node === undefined) {
      return [
        problemFinding(
          'the subject of the certificate in --certificate does not contain the name of a node',
          'use --certificate with the certificate of a node, see docs/node-certificates.md',
        ),
      ];
    }
    const ca = await readPrivateCaCertificate(context);
    const found: CheckFinding[] = [];
    for (const { host, path } of pathsOfPublicHosts(context.objects)) {
      const message = NODE_PATHS.test(path) ? minimalPushRequest(path, network.now()) : undefined;
      if (!message) continue;
      const key = path === '/metrics' ? `/instance/${node}/hostname/${node}` : '';
      const request = {
        ...message,
        url: `https://${host}${message.url}${key}`,
        certificate: shown,
        ...(ca && { ca }),
      };
      const answer = await network.push(request).catch((error: Error) => error);
      found.push(findingOfPushWithCertificate(request.url, node, answer));
    }
    return found;
  },
};

/**
 * Paths that nodes push to. Paths of business services have a prefix before `/metrics`, and are not tested with a certificate,
 * because business services push with a password.
 */
const NODE_PATHS = /^\/metrics$|\/api\/v1\/write$|\/loki\/api\/v1\/push$/;

const certificateNotTested = warningFinding(
  'pushing with the certificate of a node was not tested',
  'copy server.crt and server.key from the folder /etc/kubeedge/certs of a node, and use --push --certificate server.crt --key server.key',
);

/**
 * Returns the regular expression that extracts the node's name from the subject of a certificate. Reads it from the
 * nginx.conf of the guard (the nginx that checks pushes). Returns `undefined` if no guard requires certificates.
 */
function readCertificateSubjectPattern({ objects }: CheckContext): RegExp | undefined {
  const texts = objects.map(({ manifest }) => String(manifest.data?.['nginx.conf'] ?? ''));
  const [, pattern] =
    /"~\^SUCCESS (.*)\$" \$certified;/.exec(texts.find((text) => text.includes('$certified;')) ?? '') ?? [];
  return pattern === undefined ? undefined : new RegExp(`^${pattern}$`);
}

/**
 * Returns the node's name in the subject of a certificate. Returns `undefined` if the subject does not match `pattern`.
 * The pattern expects the fields of the subject in the order of RFC 2253. Node.js returns them in reverse order.
 */
function nodeNameOfCertificate(cert: string, pattern: RegExp): string | undefined {
  const subject = new X509Certificate(cert).subject.split('\n').reverse().join(',');
  return pattern.exec(subject)?.groups?.certified;
}

function findingOfPushWithCertificate(url: string, node: string, answer: number | Error): CheckFinding {
  if (answer instanceof Error)
    return problemFinding(
      `${url} does not respond: ${answer.message}`,
      'see the findings of the check "hosts"',
    );
  if (answer >= 200 && answer < 300) return okFinding(`${url} accepts a push of the node ${node}`);
  const remedy =
    answer === 401
      ? 'the body of the response contains the reason; print it with curl --cert, see docs/runbooks/NodeCertificateRefused.md'
      : 'check the logs of the ingress controller, the guard and the backend';
  return problemFinding(`${url} responds with status ${answer} to a push of the node ${node}`, remedy);
}
