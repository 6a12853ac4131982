import { annotations, matching, objectName, oneOf, wholeNumber, yesOrNo } from '../../core/option-rules';
import {
  NO_OPTIONS,
  type NoOptions,
  type OptionTable,
  optionsOf,
  optionsRule,
} from '../../core/option-table';
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
   * @default - "at-once" where all lines are kept for at least twice `maxLineAge`, else "when-written"
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

/** The options of a bucket. */
export const S3_STORAGE = {
  bucket: { rule: bucket },
  region: { rule: matching(/^[A-Za-z0-9-]+$/, 'the name of a region, such as "eu-1"'), default: 'us-east-1' },
  endpoint: { rule: endpoint, default: undefined },
  pathStyle: { rule: yesOrNo, derive: ({ endpoint }) => endpoint !== undefined },
  credentialsSecretName: { rule: objectName, default: undefined },
  identityAnnotations: { rule: annotations, default: undefined },
} satisfies OptionTable<S3Storage>;

/** So many replicas hold each line until it is in the bucket: one may fail. */
export const REPLICATION_FACTOR = 3;

/** The options of `replicated()`. */
export const REPLICATED_OPTIONS = {
  objectStorage: { rule: optionsRule<S3Storage>(S3_STORAGE) },
  replicas: { rule: wholeNumber(REPLICATION_FACTOR, 100), default: REPLICATION_FACTOR },
  lateLines: { rule: oneOf('at-once', 'when-written'), default: undefined },
} satisfies OptionTable<ReplicatedProps>;

/**
 * One Loki that keeps everything on its volume: for most fleets.
 *
 * @throws InvalidOptionError when it is given options.
 */
export function singleBinary(options: NoOptions = {}): LokiDeployment {
  optionsOf('singleBinary', options, NO_OPTIONS);
  return { mode: 'singleBinary' };
}

/**
 * Several replicas of the same program, which share a bucket and agree by gossip; each does all of Loki's
 * work, behind the guard, and more of them do more. The volumes hold what is not in the bucket yet.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function replicated(props: ReplicatedProps): LokiDeployment {
  return { ...optionsOf('replicated', props, REPLICATED_OPTIONS), mode: 'replicated' };
}

type Deployment<M extends LokiDeployment['mode']> = Extract<LokiDeployment, { readonly mode: M }>;

const SINGLE = { mode: { rule: oneOf('singleBinary') } } satisfies OptionTable<Deployment<'singleBinary'>>;

/** The options of several replicas, as `replicated()` fills them in. */
export const REPLICATED_DEPLOYMENT = {
  ...REPLICATED_OPTIONS,
  mode: { rule: oneOf('replicated') },
  replicas: { rule: REPLICATED_OPTIONS.replicas.rule },
} satisfies OptionTable<Deployment<'replicated'>>;

const byMode = {
  singleBinary: optionsRule<Deployment<'singleBinary'>>(SINGLE),
  replicated: optionsRule<Deployment<'replicated'>>(REPLICATED_DEPLOYMENT),
};

/** How Loki may run. */
export const lokiDeployment: Rule = {
  allowed: 'singleBinary() or replicated({ objectStorage: { bucket: "name" } })',
  accepts: (value) => lokiDeployment.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const mode: unknown = Reflect.get(Object(value), 'mode');
    return mode === 'singleBinary' || mode === 'replicated'
      ? problemsOf(path, value, byMode[mode])
      : [violation(path, value, lokiDeployment)];
  },
};
