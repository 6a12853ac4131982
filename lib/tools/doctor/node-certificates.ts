import { X509Certificate } from 'node:crypto';
import { EDGE_LABEL } from '../../core/placement';
import { type ClusterObject, listObjects } from '../process/kubectl';
import { abbreviateList, type Check, type CheckContext } from './check';
import { type CheckFinding, okFinding, problemFinding, warningFinding } from './finding';

type Manifest = CheckContext['objects'][number]['manifest'];

/** Requirements for the certificates of nodes, as configured in the manifests. */
interface CertificateRequirements {
  /** CA certificates that sign the certificates of nodes. */
  readonly caCertificates: readonly X509Certificate[];
  /** Whether KubeEdge's own CA signs the certificates. Their subjects then contain `CN=system:node:<node>`. */
  readonly isKubeEdge: boolean;
  /** Whether nodes may also push with a password. */
  readonly acceptsPasswords: boolean;
}

const DAY_MS = 86_400_000;

/**
 * Remaining days of validity below which a CA certificate is reported. Before the CA certificate expires, all nodes
 * must get new certificates, even nodes that are switched off for weeks.
 */
const WARNING_DAYS = 90;

const ROTATION = 'see docs/node-certificates.md#replace-the-ca-certificate';

/** Checks CA certificates and the KubeEdge versions of nodes, if nodes push with certificates. */
export const nodeCertificates: Check = {
  name: 'certificates of nodes',
  run: async (context) => {
    const asked = readNodeCertificateRequirements(context.objects.map(({ manifest }) => manifest));
    if (!asked) return [];
    const { kubectl, network } = context;
    return [
      ...asked.caCertificates.map((certificate) => checkCaCertificateExpiry(certificate, network.now())),
      ...(asked.isKubeEdge
        ? [
            await checkManifestsContainCloudCoreCa(context, asked),
            ...checkKubeEdgePutsNodeNamesInCertificates(await listObjects(kubectl, 'nodes'), asked),
          ]
        : []),
    ];
  },
};

/**
 * Reads from the manifests how the guards (the nginx servers that check pushes) verify the certificates of nodes. The
 * CA certificates are in a ConfigMap, or in a Secret if the ingress controller is ingress-nginx. Returns `undefined` if
 * no guard requires certificates.
 */
function readNodeCertificateRequirements(
  manifests: readonly Manifest[],
): CertificateRequirements | undefined {
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

/** Name of an nginx variable. Only the nginx.conf of guards that require certificates contains this variable. */
const FAULT_VARIABLE = '$certificate_fault';

function checkCaCertificateExpiry({ subject, validTo }: X509Certificate, now: Date): CheckFinding {
  const name = subject.replaceAll('\n', ', ');
  const days = Math.floor((Date.parse(validTo) - now.getTime()) / DAY_MS);
  if (days < 0)
    return problemFinding(
      `the CA certificate ${name} of nodeCertificate() has expired, so guards refuse nodes with certificates of this CA`,
      ROTATION,
    );
  if (days < WARNING_DAYS)
    return warningFinding(
      `the CA certificate ${name} of nodeCertificate() expires in ${days} days`,
      ROTATION,
    );
  return okFinding(`the CA certificate ${name} of nodeCertificate() is valid for ${days} more days`);
}

/**
 * Checks whether the manifests contain the CA certificate of CloudCore. Reads only the CA certificate from the Secret
 * of CloudCore, and not the private key.
 */
async function checkManifestsContainCloudCoreCa(
  { kubectl }: CheckContext,
  { caCertificates }: CertificateRequirements,
): Promise<CheckFinding> {
  const answer = await kubectl(
    ...['get', 'secret', 'casecret', '--namespace', 'kubeedge', '--ignore-not-found'],
    ...['--output', 'jsonpath={.data.cadata}'],
  );
  if (!answer.trim()) {
    return warningFinding(
      'the Secret kubeedge/casecret does not exist in this cluster, so the CA certificate of CloudCore cannot be compared with the option `ca` of nodeCertificate()',
      'compare the two certificates yourself: openssl x509 -noout -fingerprint -sha256',
    );
  }
  const { fingerprint256 } = new X509Certificate(Buffer.from(answer, 'base64'));
  if (caCertificates.some((one) => one.fingerprint256 === fingerprint256))
    return okFinding('the option `ca` of nodeCertificate() contains the CA certificate of CloudCore');
  return problemFinding(
    'the option `ca` of nodeCertificate() does not contain the CA certificate of CloudCore, so guards refuse nodes with new certificates',
    `add the CA certificate of CloudCore to the option \`ca\`, and keep the other CA certificates, ${ROTATION}`,
  );
}

/** Reports nodes with KubeEdge v1.15 or older. All certificates of these versions have the same subject. */
function checkKubeEdgePutsNodeNamesInCertificates(
  nodes: readonly ClusterObject[],
  { acceptsPasswords }: CertificateRequirements,
): CheckFinding[] {
  const old = nodes
    .filter(({ metadata }) => metadata.labels?.[EDGE_LABEL] !== undefined)
    .filter(({ status }) => {
      const [, major, minor] = /kubeedge-v(\d+)\.(\d+)/.exec(status?.nodeInfo?.kubeletVersion ?? '') ?? [];
      return major === '1' && Number(minor) < 16;
    })
    .map(({ metadata }) => metadata.name)
    .sort();
  if (old.length === 0) return [];
  const message = `these nodes run KubeEdge before v1.16, which issues certificates without the name of the node (CN=kubeedge.io): ${abbreviateList(old)}`;
  return [
    acceptsPasswords
      ? warningFinding(
          message,
          'these nodes push with the password: keep the password until their EdgeCore is v1.16 or newer and has renewed its certificate',
        )
      : problemFinding(
          `${message}; guards refuse these nodes`,
          'update EdgeCore on these nodes, or let them push with a password: nodeCertificate({ passwords: true })',
        ),
  ];
}
