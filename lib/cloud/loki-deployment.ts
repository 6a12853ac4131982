/** A bucket that speaks S3: Amazon's own, MinIO, Ceph and the like. */
export interface S3Storage {
  /** Name of the bucket, which has to exist. */
  readonly bucket: string;
  /** Region of the bucket. @default "us-east-1" - which servers other than Amazon's ignore */
  readonly region?: string;
  /** Address of a server other than Amazon's, such as `https://minio.example.com:9000`. @default - Amazon's */
  readonly endpoint?: string;
  /** The bucket in the path instead of the host name. @default - where there is an endpoint */
  readonly pathStyle?: boolean;
  /**
   * Secret whose key `credentials` is a file in the format of AWS's shared credentials.
   * @default - the identity of the workload
   */
  readonly credentialsSecretName?: string;
  /**
   * Annotations of the service account that give its pods an identity, such as
   * `eks.amazonaws.com/role-arn`.
   * @default - none
   */
  readonly identityAnnotations?: Readonly<Record<string, string>>;
}

/** What several replicas of Loki need. */
export interface ReplicatedProps {
  /** The bucket that all of them keep lines and index in. */
  readonly objectStorage: S3Storage;
  /** At least 3: so many hold each line. @default 3 */
  readonly replicas?: number;
  /**
   * When queries find lines that come more than two and a half hours late. `at-once`: the replicas that hold them in
   * memory are asked for as far back as lines may be late, and each of them reads the bucket for it. `when-written`: half
   * an hour after the last of them, when their chunk is in the bucket.
   * @default "at-once" where all lines are kept for at least twice `maxLineAge`, else "when-written"
   */
  readonly lateLines?: 'at-once' | 'when-written';
}

/** How Loki runs: `singleBinary()` or `replicated({ ... })`. */
export type LokiDeployment =
  | { readonly mode: 'singleBinary' }
  | ({ readonly mode: 'replicated'; readonly replicas: number } & ReplicatedProps);

/** So many replicas hold each line until it is in the bucket: one may fail. */
export const REPLICATION_FACTOR = 3;

/** One Loki that keeps everything on its volume: for most fleets. */
export const singleBinary = (): LokiDeployment => ({ mode: 'singleBinary' });

/**
 * Several replicas of the same program, which share a bucket and agree by gossip; each does all of Loki's
 * work, behind the guard, and more of them do more. The volumes hold what is not in the bucket yet.
 */
export const replicated = ({ replicas = REPLICATION_FACTOR, ...props }: ReplicatedProps): LokiDeployment => ({
  mode: 'replicated',
  replicas,
  ...props,
});
