import { annotations, matching, objectName, oneOf, wholeNumber, yesOrNo } from '../../core/option-rules';
import type { RuleTable } from '../../core/structure-rules';
import { type NoOptions, options, required, verifyOptions } from '../../core/structure-rules';
import { problemsOf, type Rule, violation } from '../../core/validation';

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

/** The form of a bucket's name. */
const bucket = matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket, such as "our-logs"');

const endpoint = matching(
  /^https?:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/,
  'http:// or https:// with a host and, where needed, a port, such as "https://minio.example.com:9000"',
  2_000,
);

const storage = options<S3Storage>({
  bucket: required(bucket),
  region: matching(/^[A-Za-z0-9-]+$/, 'the name of a region, such as "eu-1"'),
  endpoint,
  pathStyle: yesOrNo,
  credentialsSecretName: objectName,
  identityAnnotations: annotations,
});

/** So many replicas hold each line until it is in the bucket: one may fail. */
export const REPLICATION_FACTOR = 3;

const replicas = wholeNumber(REPLICATION_FACTOR, 100);

const REPLICATED: RuleTable<ReplicatedProps> = {
  replicas,
  objectStorage: required(storage),
  lateLines: oneOf('at-once', 'when-written'),
};

/**
 * One Loki that keeps everything on its volume: for most fleets.
 *
 * @throws InvalidOptionError when it is given options.
 */
export function singleBinary(options: NoOptions = {}): LokiDeployment {
  verifyOptions('singleBinary', options, {});
  return { mode: 'singleBinary' };
}

/**
 * Several replicas of the same program, which share a bucket and agree by gossip; each does all of Loki's
 * work, behind the guard, and more of them do more. The volumes hold what is not in the bucket yet.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function replicated(props: ReplicatedProps): LokiDeployment {
  verifyOptions('replicated', props, REPLICATED);
  return { ...props, mode: 'replicated', replicas: props.replicas ?? REPLICATION_FACTOR };
}

const single = options<LokiDeployment>({ mode: required(oneOf('singleBinary')) });

const several = options<Extract<LokiDeployment, { mode: 'replicated' }>>({
  ...REPLICATED,
  mode: required(oneOf('replicated')),
  replicas: required(replicas),
  objectStorage: required(storage),
});

/** How Loki may run. */
export const lokiDeployment: Rule = {
  allowed: 'singleBinary() or replicated({ objectStorage: { bucket: "name" } })',
  accepts: (value) => lokiDeployment.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const mode: unknown = Reflect.get(Object(value), 'mode');
    if (mode === 'singleBinary' || mode === 'replicated') {
      return problemsOf(path, value, mode === 'replicated' ? several : single);
    }
    return [violation(path, value, lokiDeployment)];
  },
};
