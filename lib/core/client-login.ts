import type { PublicEndpoint } from '../contracts/endpoint';
import type { k8s } from './k8s';
import { hostPathVolume, secretVolume } from './pods';

/** The fields of a public endpoint that determine how clients log in: with a password, a certificate, or both. */
type ClientCredentials = Pick<PublicEndpoint, 'credentialsSecretName' | 'clientCertificate'>;

/** Mount path of the node's certificate in containers. */
const CERTIFICATE_DIR = '/etc/node-certificate';

const CERTIFICATE_VOLUME = 'node-certificate';

/** Certificate and private key of a node, as paths in a container. */
export interface CertificateFiles {
  /** File with the certificate. */
  readonly certificateFile: string;
  /** File with the private key. */
  readonly keyFile: string;
}

/**
 * Returns the volume for the Secret with the clients' user name and password. Returns an empty list if the clients
 * have no password.
 */
export const basicAuthSecretVolumes = (
  { credentialsSecretName }: ClientCredentials,
  name = 'credentials',
): k8s.Volume[] => (credentialsSecretName ? [secretVolume(name, credentialsSecretName)] : []);

/**
 * Returns the mount of the volume with the clients' user name and password. Returns an empty list if the clients
 * have no password.
 */
export const basicAuthSecretMounts = (
  folder: string,
  { credentialsSecretName }: ClientCredentials,
  name = 'credentials',
): k8s.VolumeMount[] => (credentialsSecretName ? [{ name, mountPath: folder, readOnly: true }] : []);

/**
 * Returns the hostPath volume for the folder of the node's certificate. The volume contains the whole folder, so that
 * containers see a renewed certificate immediately. Returns an empty list if the clients have no certificate.
 */
export const nodeCertificateVolumes = ({ clientCertificate }: ClientCredentials): k8s.Volume[] =>
  clientCertificate ? [hostPathVolume(CERTIFICATE_VOLUME, clientCertificate.folder)] : [];

/** Returns the volume mount of the node's certificate. Returns an empty list if the clients have no certificate. */
export const nodeCertificateMounts = ({ clientCertificate }: ClientCredentials): k8s.VolumeMount[] =>
  clientCertificate ? [{ name: CERTIFICATE_VOLUME, mountPath: CERTIFICATE_DIR, readOnly: true }] : [];

/**
 * Returns the paths of the node's certificate and private key in a container. Returns `undefined` if the
 * clients have no certificate.
 */
export const nodeCertificateFilePaths = ({
  clientCertificate,
}: ClientCredentials): CertificateFiles | undefined =>
  clientCertificate && {
    certificateFile: `${CERTIFICATE_DIR}/${clientCertificate.certificateFile}`,
    keyFile: `${CERTIFICATE_DIR}/${clientCertificate.keyFile}`,
  };
