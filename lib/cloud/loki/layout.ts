import { toBytes } from '../../core/units';

/** Ports of Loki for HTTP requests, and for gRPC between replicas. */
export const LOKI_PORTS = { http: 3100, grpc: 9095 };

/** Port for gossip, by which Loki replicas find each other (Loki's section `memberlist`). */
export const GOSSIP_PORT = 7946;

/** Mount path of Loki's volume. */
export const LOKI_DATA_DIR = '/loki';

/** Folder of Loki's configuration files. */
export const LOKI_CONFIG_DIR = '/etc/loki/config';

/** Name of the file with the limits of individual tenants. Loki reloads the file when it changes. */
export const LOKI_OVERRIDES = 'overrides.yaml';

/** Mount path of the Secret with the bucket's credentials. */
export const S3_CREDENTIALS_DIR = '/etc/loki/s3';

/** Folder of the ruler's rule files. Each tenant has a subfolder. */
export const LOKI_RULES_DIR = '/etc/loki/rules';

/**
 * Maximum size of a push request in bytes, both compressed and decompressed. Loki's default allows up to
 * 5,000 MB after decompression. 16 MiB is sufficient: a chunk of Fluent Bit has 2 MB, and at most six times that
 * size in JSON, where each character can be escaped.
 */
export const LARGEST_PUSH = toBytes('16Mi');

/** Returns the name of the headless Service by which Loki replicas find each other. */
export const memberlistServiceName = (name: string): string => `${name}-members`;
