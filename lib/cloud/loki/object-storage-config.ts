import type { LokiDeployment, S3Storage } from './deployment';
import { LOKI_DATA_DIR } from './layout';

/**
 * Returns the schema: a TSDB index in version v13, which supports structured metadata. The start date is
 * before the first line of any installation.
 */
export const schemaConfig = (object_store: string) => ({
  from: '2024-04-01',
  store: 'tsdb',
  object_store,
  schema: 'v13',
  index: { prefix: 'index_', period: '24h' },
});

/** Returns the storage of chunks and index: the bucket of a replicated Loki, or the volume of a single Loki. */
export function objectStorageConfig(deployment: LokiDeployment): object {
  if (deployment.mode === 'replicated') return { s3: s3Config(deployment.objectStorage) };
  return {
    filesystem: { chunks_directory: `${LOKI_DATA_DIR}/chunks`, rules_directory: `${LOKI_DATA_DIR}/rules` },
  };
}

function s3Config({ bucket, region = 'us-east-1', endpoint, pathStyle }: S3Storage): object {
  const server = endpoint === undefined ? undefined : new URL(endpoint);
  return {
    bucketnames: bucket,
    region,
    ...(server && { endpoint: server.host, insecure: server.protocol === 'http:' }),
    s3forcepathstyle: pathStyle ?? server !== undefined,
  };
}
