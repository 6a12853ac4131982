import type { PrivateCa } from '../contracts/endpoint';
import type { k8s } from './k8s';

/** A server whose certificate may be signed by a private authority. */
interface Signed {
  readonly privateCa?: PrivateCa;
}

/** Returns the volume with the private authority's certificate; empty for a public authority. */
export const caVolumes = ({ privateCa }: Signed, name = 'ca'): k8s.Volume[] =>
  privateCa ? [{ name, configMap: { name: privateCa.configMapName, defaultMode: 0o444 } }] : [];

/** Returns the mount of that volume as a folder, which follows changes of the ConfigMap. */
export const caMounts = (folder: string, { privateCa }: Signed, name = 'ca'): k8s.VolumeMount[] =>
  privateCa ? [{ name, mountPath: folder, readOnly: true }] : [];

/** Returns the path of the certificate file in that folder. */
export const caFileIn = (folder: string, { privateCa }: Signed): string | undefined =>
  privateCa && `${folder}/${privateCa.key}`;
