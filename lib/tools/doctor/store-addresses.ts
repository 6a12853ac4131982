import { podSpecOfManifest } from '../synthesis/pods';
import type { CheckContext } from './check';

type Manifest = CheckContext['objects'][number]['manifest'];

/**
 * The address of a metrics store outside of this stack, from the arguments of the program that writes to the store (`write`) or
 * queries it (`query`).
 */
export interface StoreAddress {
  /** Option of `remoteStore()` that sets the address. */
  readonly option: 'write' | 'query';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly namespace: string;
  /** Name of the Secret with user and password. @default - requests contain no password */
  readonly secretName?: string;
  /** ConfigMap and key with the CA certificate. @default - only public CA certificates are trusted */
  readonly ca?: { readonly name: string; readonly key: string };
}

/**
 * Returns the addresses of a metrics store outside of this stack. Returns an empty list if the manifests contain the store.
 */
export function findRemoteStoreAddresses({ objects }: CheckContext): StoreAddress[] {
  const manifests = objects.map(({ manifest }) => manifest);
  const isOwn = manifests.some(({ metadata }) => ['vmstorage', 'prometheus'].includes(metadata.name));
  if (isOwn) return [];
  const findWorkloadByName = (name: string) =>
    manifests.find(({ metadata, spec }) => metadata.name === name && spec?.template);
  return [
    ...readStoreAddressFromArgs(findWorkloadByName('metrics-scraper'), 'write', 'remoteWrite'),
    ...readStoreAddressFromArgs(findWorkloadByName('metrics-rules'), 'query', 'datasource'),
  ];
}

function readStoreAddressFromArgs(
  workload: Manifest | undefined,
  option: 'write' | 'query',
  client: string,
): StoreAddress[] {
  if (!workload) return [];
  const { containers, volumes = [] } = podSpecOfManifest(workload);
  const [{ args = [], volumeMounts = [] }] = containers;
  const readFlagValue = (name: string): string | undefined =>
    args.find((arg: string) => arg.startsWith(`-${client}.${name}=`))?.slice(client.length + name.length + 3);
  const findVolumeOfFile = (file: string | undefined): Manifest => {
    const folder = file?.slice(0, file.lastIndexOf('/'));
    const mount = volumeMounts.find(({ mountPath }: Manifest) => mountPath === folder);
    return volumes.find(({ name }: Manifest) => name === mount?.name);
  };
  const url = readFlagValue('url');
  if (!url) return [];
  const caFile = readFlagValue('tlsCAFile');
  const caName = findVolumeOfFile(caFile)?.configMap?.name;
  return [
    {
      option,
      url,
      headers: Object.fromEntries(
        (readFlagValue('headers') ?? '').split('^^').filter(Boolean).map(parseHttpHeader),
      ),
      namespace: workload.metadata.namespace,
      secretName: findVolumeOfFile(readFlagValue('basicAuth.usernameFile'))?.secret?.secretName,
      ...(caFile && caName && { ca: { name: caName, key: caFile.slice(caFile.lastIndexOf('/') + 1) } }),
    },
  ];
}

const parseHttpHeader = (text: string): [string, string] => {
  const at = text.indexOf(':');
  return [text.slice(0, at), text.slice(at + 1)];
};
