import type { PrivateCa } from '../contracts/endpoint';
import type { k8s } from './k8s';

/** A server with TLS. If `privateCa` is set, a private CA signed the certificate of the server. */
interface Signed {
  readonly privateCa?: PrivateCa;
}

/** Returns the volume with the private CA certificate. Returns an empty list if no private CA is set. */
export const caVolumes = ({ privateCa }: Signed, name = 'ca'): k8s.Volume[] =>
  privateCa ? [{ name, configMap: { name: privateCa.configMapName, defaultMode: 0o444 } }] : [];

/**
 * Returns the volume mount for the volume of `caVolumes()`. The volume is mounted as a folder, so that the file
 * follows changes of the ConfigMap. Returns an empty list if no private CA is set.
 */
export const caMounts = (folder: string, { privateCa }: Signed, name = 'ca'): k8s.VolumeMount[] =>
  privateCa ? [{ name, mountPath: folder, readOnly: true }] : [];

/**
 * Returns the path of the private CA certificate, in the folder `folder` at which `caMounts()` mounts it. Returns
 * `undefined` if no private CA is set.
 */
export const caFilePath = (folder: string, { privateCa }: Signed): string | undefined =>
  privateCa && `${folder}/${privateCa.key}`;
