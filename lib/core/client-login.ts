import type { PublicEndpoint } from '../contracts/endpoint';
import type { k8s } from './k8s';
import { hostPath, secretVolume } from './pods';

/** Credentials of clients of an endpoint. */
type Login = Pick<PublicEndpoint, 'credentialsSecretName' | 'clientCertificate'>;

/** Mount path of the node's certificate in containers. */
const CERTIFICATE_DIR = '/etc/node-certificate';

const CERTIFICATE_VOLUME = 'node-certificate';

/** Certificate and key of a node, as paths in a container. */
export interface CertificateFiles {
  /** File with the certificate. */
  readonly certificateFile: string;
  /** File with its key. */
  readonly keyFile: string;
}

/** The volume with user and password, where an endpoint asks for them. */
export const credentialsVolumes = ({ credentialsSecretName }: Login, name = 'credentials'): k8s.Volume[] =>
  credentialsSecretName ? [secretVolume(name, credentialsSecretName)] : [];

/** Shows that volume to a container as a folder. */
export const credentialsMounts = (
  folder: string,
  { credentialsSecretName }: Login,
  name = 'credentials',
): k8s.VolumeMount[] => (credentialsSecretName ? [{ name, mountPath: folder, readOnly: true }] : []);

/** The folder of the node with its certificate, where an endpoint asks for it: files that are renewed there are seen at once. */
export const certificateVolumes = ({ clientCertificate }: Login): k8s.Volume[] =>
  clientCertificate ? [hostPath(CERTIFICATE_VOLUME, clientCertificate.folder)] : [];

/** Shows that folder to a container. */
export const certificateMounts = ({ clientCertificate }: Login): k8s.VolumeMount[] =>
  clientCertificate ? [{ name: CERTIFICATE_VOLUME, mountPath: CERTIFICATE_DIR, readOnly: true }] : [];

/** The files in that folder. */
export const certificateFilesOf = ({ clientCertificate }: Login): CertificateFiles | undefined =>
  clientCertificate && {
    certificateFile: `${CERTIFICATE_DIR}/${clientCertificate.certificateFile}`,
    keyFile: `${CERTIFICATE_DIR}/${clientCertificate.keyFile}`,
  };
