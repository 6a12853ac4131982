import type { LokiDeployment, S3Storage } from './deployment';
import { LOKI_DATA_DIR } from './layout';

/**
 * Returns Loki's storage schema: a TSDB index with schema version v13, which supports structured metadata. The start
 * date is before the first log line of any installation.
 * @param object_store Loki's name of the storage: `s3` or `filesystem`
 */
export const storageSchemaConfig = (object_store: string) => ({
  from: '2024-04-01',
  store: 'tsdb',
  object_store,
  schema: 'v13',
  index: { prefix: 'index_', period: '24h' },
});

/**
 * Returns the configuration of the storage for chunks and index: the bucket of a replicated Loki, or the volume of a
 * single Loki.
 */
export function chunkAndIndexStorageConfig(deployment: LokiDeployment): object {
  if (deployment.mode === 'replicated') return { s3: s3Config(deployment.objectStorage) };
  return {
    filesystem: { chunks_directory: `${LOKI_DATA_DIR}/chunks`, rules_directory: `${LOKI_DATA_DIR}/rules` },
  };
}

/** Returns the configuration of a bucket in Loki's format. */
function s3Config({ bucket, region = 'us-east-1', endpoint, pathStyle }: S3Storage): object {
  const server = endpoint === undefined ? undefined : new URL(endpoint);
  return {
    bucketnames: bucket,
    region,
    ...(server && { endpoint: server.host, insecure: server.protocol === 'http:' }),
    s3forcepathstyle: pathStyle ?? server !== undefined,
  };
}
