import { X509Certificate } from 'node:crypto';
import type { Check, CheckContext } from './check';
import { type Found, ok, problem, warning } from './finding';
import { publicHostPaths } from './hosts';
import { readPrivateCa } from './private-ca';
import { minimalPush } from './push';

/** Checks whether a node with a certificate can push, on every path that nodes push to. */
export const certificatePushes: Check = {
  name: 'pushes with a certificate',
  run: async (context) => {
    const pattern = readSubjectPattern(context);
    if (!pattern) return [];
    const { nodeCertificate: shown, network } = context;
    if (!shown) return [certificateNotTested];
    const node = nodeNameOfCertificate(shown.cert, pattern);
    if (node === undefined) {
      return [
        problem(
          'the subject of the certificate that --certificate names is that of no node',
          'give that of a node, see docs/node-certificates.md',
        ),
      ];
    }
    const ca = await readPrivateCa(context);
    const found: Found[] = [];
    for (const { host, path } of publicHostPaths(context.objects)) {
      const message = NODE_PATHS.test(path) ? minimalPush(path, network.now()) : undefined;
      if (!message) continue;
      const key = path === '/metrics' ? `/instance/${node}/hostname/${node}` : '';
      const request = {
        ...message,
        url: `https://${host}${message.url}${key}`,
        certificate: shown,
        ...(ca && { ca }),
      };
      const answer = await network.push(request).catch((error: Error) => error);
      found.push(certificatePushFinding(request.url, node, answer));
    }
    return found;
  },
};

/** Business services, whose Pushgateway has a prefix, push by password. */
const NODE_PATHS = /^\/metrics$|\/api\/v1\/write$|\/loki\/api\/v1\/push$/;

const certificateNotTested = warning(
  'no certificate was tried',
  'give that of a node, which its /etc/kubeedge/certs has: --push --certificate server.crt --key server.key',
);

/** The guard's own expression of a subject. */
function readSubjectPattern({ objects }: CheckContext): RegExp | undefined {
  const texts = objects.map(({ manifest }) => String(manifest.data?.['nginx.conf'] ?? ''));
  const [, pattern] =
    /"~\^SUCCESS (.*)\$" \$certified;/.exec(texts.find((text) => text.includes('$certified;')) ?? '') ?? [];
  return pattern === undefined ? undefined : new RegExp(`^${pattern}$`);
}

/** OpenSSL prints a subject from its end by RFC 2253. */
function nodeNameOfCertificate(cert: string, pattern: RegExp): string | undefined {
  const subject = new X509Certificate(cert).subject.split('\n').reverse().join(',');
  return pattern.exec(subject)?.groups?.certified;
}

function certificatePushFinding(url: string, node: string, answer: number | Error): Found {
  if (answer instanceof Error)
    return problem(`${url} does not answer: ${answer.message}`, 'see what is said of hosts');
  if (answer >= 200 && answer < 300) return ok(`${url} takes a push of the node ${node}`);
  const remedy =
    answer === 401
      ? 'the body of the answer says why, also to curl --cert; see docs/runbooks/NodeCertificateRefused.md'
      : 'look at the logs of the ingress controller, the guard and what stands behind it';
  return problem(`${url} answers ${answer} to a push of the node ${node}`, remedy);
}
