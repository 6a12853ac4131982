import type { DataSource, GrafanaDataSource } from '../../contracts/data-source';
import type { k8s } from '../../core/k8s';
import { secretVolume } from '../../core/pods';
import { caFilePath, caMounts, caVolumes } from '../../core/private-ca';

/**
 * A data source with its credentials, CA certificate and headers, and the volumes from which Grafana reads the
 * credentials and the certificate.
 */
export interface SourceAccess {
  readonly dataSource: GrafanaDataSource;
  readonly volumes: readonly k8s.Volume[];
  /** Mounts of `volumes`, in the same order. */
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/** Returns the text with which Grafana reads a value from a file: `$__file{PATH}`. */
const grafanaReferenceToFile = (path: string): string => `$__file{${path}}`;

/**
 * Returns the data source with its credentials, CA certificate and headers, and the volumes to mount. Grafana reads
 * credentials and certificates from the mounted files when it starts.
 */
export function dataSourceWithCredentialsAndVolumes({
  dataSource,
  queryAccess = {},
}: DataSource): SourceAccess {
  const { credentialsSecretName, headers = {} } = queryAccess;
  const name = `data-source-${dataSource.uid}`;
  const folder = `/etc/grafana/data-sources/${dataSource.uid}`;
  const caFile = caFilePath(`${folder}-ca`, queryAccess);
  const fields = Object.entries(headers).map(([header, value], index) => ({
    name: [`httpHeaderName${index + 1}`, header],
    value: [`httpHeaderValue${index + 1}`, value.replaceAll('$', '$$$$')],
  }));
  const secure = {
    ...dataSource.secureJsonData,
    ...Object.fromEntries(fields.map(({ value }) => value)),
    ...(credentialsSecretName && { basicAuthPassword: grafanaReferenceToFile(`${folder}/password`) }),
    ...(caFile && { tlsCACert: grafanaReferenceToFile(caFile) }),
  };
  return {
    dataSource: {
      ...dataSource,
      ...(credentialsSecretName && {
        basicAuth: true,
        basicAuthUser: grafanaReferenceToFile(`${folder}/username`),
      }),
      jsonData: {
        ...dataSource.jsonData,
        ...Object.fromEntries(fields.map((field) => field.name)),
        ...(caFile && { tlsAuthWithCACert: true }),
      },
      ...(Object.keys(secure).length > 0 && { secureJsonData: secure }),
    },
    volumes: [
      ...(credentialsSecretName ? [secretVolume(name, credentialsSecretName)] : []),
      ...caVolumes(queryAccess, `${name}-ca`),
    ],
    volumeMounts: [
      ...(credentialsSecretName ? [{ name, mountPath: folder, readOnly: true }] : []),
      ...caMounts(`${folder}-ca`, queryAccess, `${name}-ca`),
    ],
  };
}
