import type { PrivateCa } from '../contracts/endpoint';
import type { k8s } from './k8s';

/** An endpoint or a store, by who signed its certificate. */
interface Signed {
  readonly privateCa?: PrivateCa;
}

/** The volume that holds a private authority's certificate; none where a public one signed. */
export const caVolumes = ({ privateCa }: Signed, name = 'ca'): k8s.Volume[] =>
  privateCa ? [{ name, configMap: { name: privateCa.configMapName, defaultMode: 0o444 } }] : [];

/** Shows that volume to a container as a folder, which follows a change of the ConfigMap. */
export const caMounts = (folder: string, { privateCa }: Signed, name = 'ca'): k8s.VolumeMount[] =>
  privateCa ? [{ name, mountPath: folder, readOnly: true }] : [];

/** The certificate's file in that folder. */
export const caFileIn = (folder: string, { privateCa }: Signed): string | undefined =>
  privateCa && `${folder}/${privateCa.key}`;
