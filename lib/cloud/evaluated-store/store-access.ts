import type { k8s } from '../../core/k8s';
import { caFilePath, caMounts, caVolumes } from '../../core/private-ca';
import type { ExternalStoreProps } from '../metrics-gateway';

/** A URL of the store, with the credentials, CA certificate and headers for requests to this URL. */
type Address = Pick<ExternalStoreProps, 'url' | 'credentialsSecretName' | 'privateCa' | 'headers'>;

const DIR = '/etc/metrics-store';

/**
 * Volumes, volume mounts and flags with which a program in a pod accesses one URL of the store. The credentials and
 * the CA certificate are mounted as files, each in a separate folder.
 */
export class StoreAccess {
  readonly volumes: readonly k8s.Volume[];
  readonly volumeMounts: readonly k8s.VolumeMount[];
  readonly caFile?: string;
  /** Secrets to mount: the key is the path of the folder, the value the name of the Secret. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly credentialsDir?: string;

  constructor(
    kind: 'write' | 'query',
    readonly address: Address,
  ) {
    const folder = `${DIR}/${kind}`;
    this.volumes = caVolumes(address, `${kind}-ca`);
    this.volumeMounts = caMounts(`${folder}-ca`, address, `${kind}-ca`);
    this.caFile = caFilePath(`${folder}-ca`, address);
    const { credentialsSecretName } = address;
    this.secrets = credentialsSecretName ? { [folder]: credentialsSecretName } : {};
    this.credentialsDir = credentialsSecretName && folder;
  }

  /**
   * Returns vmalert's flags for one of its HTTP clients, such as
   * `-datasource.url=https://mimir.example.com/prometheus`.
   */
  vmalertClientFlags(client: 'datasource' | 'remoteRead' | 'remoteWrite'): readonly string[] {
    const { credentialsDir, caFile } = this;
    const headers = Object.entries(this.address.headers ?? {}).map(([name, value]) => `${name}:${value}`);
    return [
      `-${client}.url=${this.address.url}`,
      ...(credentialsDir
        ? [
            `-${client}.basicAuth.usernameFile=${credentialsDir}/username`,
            `-${client}.basicAuth.passwordFile=${credentialsDir}/password`,
          ]
        : []),
      ...(caFile ? [`-${client}.tlsCAFile=${caFile}`] : []),
      ...(headers.length ? [`-${client}.headers=${headers.join('^^')}`] : []),
    ];
  }
}
