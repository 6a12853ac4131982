import type { DataSource, GrafanaDataSource } from '../../contracts/data-source';
import type { k8s } from '../../core/k8s';
import { secretVolume } from '../../core/pods';
import { caFileIn, caMounts, caVolumes } from '../../core/private-ca';

/** A data source with what Grafana has to show there, and the volumes of that. */
export interface SourceAccess {
  readonly dataSource: GrafanaDataSource;
  readonly volumes: readonly k8s.Volume[];
  /** One for each volume. */
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

const fileVariable = (path: string): string => `$__file{${path}}`;

/** Passwords and CA certificates are files, which Grafana reads when it starts. */
export function sourceAccess({ dataSource, queryAccess = {} }: DataSource): SourceAccess {
  const { credentialsSecretName, headers = {} } = queryAccess;
  const name = `data-source-${dataSource.uid}`;
  const folder = `/etc/grafana/data-sources/${dataSource.uid}`;
  const caFile = caFileIn(`${folder}-ca`, queryAccess);
  const fields = Object.entries(headers).map(([header, value], index) => ({
    name: [`httpHeaderName${index + 1}`, header],
    value: [`httpHeaderValue${index + 1}`, value.replaceAll('$', '$$$$')],
  }));
  const secure = {
    ...dataSource.secureJsonData,
    ...Object.fromEntries(fields.map(({ value }) => value)),
    ...(credentialsSecretName && { basicAuthPassword: fileVariable(`${folder}/password`) }),
    ...(caFile && { tlsCACert: fileVariable(caFile) }),
  };
  return {
    dataSource: {
      ...dataSource,
      ...(credentialsSecretName && { basicAuth: true, basicAuthUser: fileVariable(`${folder}/username`) }),
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
