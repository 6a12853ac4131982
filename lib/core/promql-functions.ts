/** PromQL type of an argument or a result. */
export type PromqlType = 'string' | 'scalar' | 'instant vector' | 'range vector';

/** Signature of a PromQL function. */
export interface PromqlFunction {
  /** Types of the arguments. */
  readonly argumentTypes: readonly PromqlType[];
  /** Minimum number of arguments. */
  readonly minArguments: number;
  /** Maximum number of arguments. */
  readonly maxArguments: number;
  /** Type of the result. */
  readonly resultType: PromqlType;
}

/**
 * Functions of Prometheus 3.14 that return an instant vector, without experimental functions. Each key contains a
 * letter for the type of each argument: s for string, n for scalar, v for instant vector, r for range vector. The
 * argument before "?" is optional. The argument before "*" is optional and can be repeated. A test compares the
 * functions with promtool.
 */
const INSTANT_VECTORS: Readonly<Record<string, string>> = {
  v:
    'abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count ' +
    'histogram_stddev histogram_stdvar histogram_sum ln log10 log2 rad sgn sin sinh sort sort_desc sqrt tan tanh timestamp',
  'v?': 'day_of_month day_of_week day_of_year days_in_month hour minute month year',
  r:
    'absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate ' +
    'last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time',
  n: 'vector',
  vn: 'clamp_max clamp_min',
  'vn?': 'round',
  vnn: 'clamp',
  nv: 'histogram_quantile',
  nnv: 'histogram_fraction',
  nr: 'quantile_over_time',
  rn: 'predict_linear',
  vssss: 'label_replace',
  'vsss*': 'label_join',
};

/**
 * Functions that return a scalar. The keys describe the types of arguments in the same way as the keys of
 * `INSTANT_VECTORS`.
 */
const SCALARS: Readonly<Record<string, string>> = { '': 'pi time', v: 'scalar' };

const TYPES: Readonly<Record<string, PromqlType>> = {
  s: 'string',
  n: 'scalar',
  v: 'instant vector',
  r: 'range vector',
};

function parseFunctionSignatures(names: Readonly<Record<string, string>>, resultType: PromqlType) {
  return Object.entries(names).flatMap(([signature, all]) => {
    const argumentTypes = [...signature].flatMap((letter) => TYPES[letter] ?? []);
    const minArguments = argumentTypes.length - (/[?*]$/.test(signature) ? 1 : 0);
    const maxArguments = signature.endsWith('*') ? Number.POSITIVE_INFINITY : argumentTypes.length;
    return all
      .split(' ')
      .map((name): [string, PromqlFunction] => [
        name,
        { argumentTypes, minArguments, maxArguments, resultType },
      ]);
  });
}

/** Functions of Prometheus that are available without a feature flag, by name. */
export const PROMQL_FUNCTIONS: ReadonlyMap<string, PromqlFunction> = new Map([
  ...parseFunctionSignatures(INSTANT_VECTORS, 'instant vector'),
  ...parseFunctionSignatures(SCALARS, 'scalar'),
]);

const signatureOfAggregationWithParameter = (type: PromqlType): PromqlFunction => ({
  argumentTypes: [type, 'instant vector'],
  minArguments: 2,
  maxArguments: 2,
  resultType: 'instant vector',
});

const plain: PromqlFunction = {
  argumentTypes: ['instant vector'],
  minArguments: 1,
  maxArguments: 1,
  resultType: 'instant vector',
};

/** Aggregation operators of Prometheus that are available without a feature flag, by name. */
export const PROMQL_AGGREGATIONS: ReadonlyMap<string, PromqlFunction> = new Map([
  ...'sum avg count group max min stddev stdvar'
    .split(' ')
    .map((name): [string, PromqlFunction] => [name, plain]),
  ...'topk bottomk quantile'
    .split(' ')
    .map((name): [string, PromqlFunction] => [name, signatureOfAggregationWithParameter('scalar')]),
  ['count_values', signatureOfAggregationWithParameter('string')],
]);

/** Signature of a function that is not in the tables: any number of arguments of any type. */
export const UNKNOWN_FUNCTION: PromqlFunction = {
  argumentTypes: [],
  minArguments: 0,
  maxArguments: Number.POSITIVE_INFINITY,
  resultType: 'instant vector',
};

/** Returns the number of arguments that a function accepts, for error messages: such as `1 to 2 arguments`. */
export function describeArgumentCount(min: number, max: number): string {
  const amount = min === max ? `${min}` : Number.isFinite(max) ? `${min} to ${max}` : `${min} or more`;
  return `${amount} argument${amount === '1' ? '' : 's'}`;
}
