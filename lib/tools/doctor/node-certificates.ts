import { X509Certificate } from 'node:crypto';
import { EDGE_LABEL } from '../../core/placement';
import { type ClusterObject, listObjects } from '../process/kubectl';
import { abbreviateList, type Check, type CheckContext } from './check';
import { type Found, ok, problem, warning } from './finding';

type Manifest = CheckContext['objects'][number]['manifest'];

/** Requirements of the manifests for node certificates. */
interface CertificateRequirements {
  readonly caCertificates: readonly X509Certificate[];
  /** Whether subjects have the form of KubeEdge's own CA: `CN=system:node:<node>`. */
  readonly isKubeEdge: boolean;
  /** Whether nodes may have a password, too. */
  readonly acceptsPasswords: boolean;
}

const DAY_MS = 86_400_000;

/** Time in which all nodes of a fleet can get new certificates, also those that are switched off for weeks. */
const WARNING_DAYS = 90;

const ROTATION = 'see docs/node-certificates.md#replace-the-ca-certificate';

/** Checks CA certificates and the KubeEdge versions of nodes, if nodes push with certificates. */
export const nodeCertificates: Check = {
  name: 'certificates of nodes',
  run: async (context) => {
    const asked = readCertificateRequirements(context.objects.map(({ manifest }) => manifest));
    if (!asked) return [];
    const { kubectl, network } = context;
    return [
      ...asked.caCertificates.map((certificate) => checkExpiry(certificate, network.now())),
      ...(asked.isKubeEdge
        ? [
            await checkCloudCoreCa(context, asked),
            ...checkKubeEdgeVersions(await listObjects(kubectl, 'nodes'), asked),
          ]
        : []),
    ];
  },
};

/**
 * Reads from the manifests which certificates the guards accept. With ingress-nginx, the CA certificates are in a
 * Secret instead; all hosts have the same ones.
 */
function readCertificateRequirements(manifests: readonly Manifest[]): CertificateRequirements | undefined {
  const guards = manifests
    .map(({ data }) => String(data?.['nginx.conf'] ?? ''))
    .filter((text) => text.includes(FAULT_VARIABLE));
  if (guards.length === 0) return undefined;
  const texts = manifests.flatMap(({ kind, data = {} }) => {
    if (kind === 'Secret') return [Buffer.from(data['ca.crt'] ?? '', 'base64').toString()];
    return data['node-ca.crt'] ?? [];
  });
  const pems = new Set(
    texts.flatMap((text) => text.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []),
  );
  return {
    caCertificates: [...pems].map((pem) => new X509Certificate(pem)),
    isKubeEdge: guards.some((text) => text.includes('CN=system:node:(?<certified>')),
    acceptsPasswords: guards.some((text) => text.includes('auth_basic $realm')),
  };
}

/** A variable of each guard whose clients show certificates. */
const FAULT_VARIABLE = '$certificate_fault';

function checkExpiry({ subject, validTo }: X509Certificate, now: Date): Found {
  const name = subject.replaceAll('\n', ', ');
  const days = Math.floor((Date.parse(validTo) - now.getTime()) / DAY_MS);
  if (days < 0)
    return problem(`the CA certificate ${name} in ca has expired: every node is refused`, ROTATION);
  if (days < WARNING_DAYS)
    return warning(`the CA certificate ${name} in ca expires in ${days} days`, ROTATION);
  return ok(`the CA certificate ${name} in ca is valid for ${days} more days`);
}

/** Its key, which is in the same Secret, is not printed. */
async function checkCloudCoreCa(
  { kubectl }: CheckContext,
  { caCertificates }: CertificateRequirements,
): Promise<Found> {
  const answer = await kubectl(
    ...['get', 'secret', 'casecret', '--namespace', 'kubeedge', '--ignore-not-found'],
    ...['--output', 'jsonpath={.data.cadata}'],
  );
  if (!answer.trim()) {
    return warning(
      'CloudCore has no Secret kubeedge/casecret in this cluster, so the CA certificate of CloudCore cannot be compared with ca',
      'compare the two certificates by hand: openssl x509 -noout -fingerprint -sha256',
    );
  }
  const { fingerprint256 } = new X509Certificate(Buffer.from(answer, 'base64'));
  if (caCertificates.some((one) => one.fingerprint256 === fingerprint256))
    return ok('CloudCore signs with a CA certificate in ca');
  return problem(
    'CloudCore signs with a CA certificate that is not in ca: nodes with new certificates are refused',
    `add it to ca beside the others, ${ROTATION}`,
  );
}

/** Up to KubeEdge v1.15, all nodes have the same subject. */
function checkKubeEdgeVersions(
  nodes: readonly ClusterObject[],
  { acceptsPasswords }: CertificateRequirements,
): Found[] {
  const old = nodes
    .filter(({ metadata }) => metadata.labels?.[EDGE_LABEL] !== undefined)
    .filter(({ status }) => {
      const [, major, minor] = /kubeedge-v(\d+)\.(\d+)/.exec(status?.nodeInfo?.kubeletVersion ?? '') ?? [];
      return major === '1' && Number(minor) < 16;
    })
    .map(({ metadata }) => metadata.name)
    .sort();
  if (old.length === 0) return [];
  const message = `certificates of KubeEdge before v1.16 name no node (CN=kubeedge.io): ${abbreviateList(old)}`;
  return [
    acceptsPasswords
      ? warning(
          message,
          'they push by password; keep it until EdgeCore is v1.16 or newer and has renewed its certificate',
        )
      : problem(
          `${message}; they are refused`,
          'keep Basic Auth for them: nodeCertificate({ passwords: true }), or update EdgeCore',
        ),
  ];
}
