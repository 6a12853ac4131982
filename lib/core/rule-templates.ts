import { type TemplateDialect, templateProblem } from './go-template';
import { memoize, textItselfAsCacheKey } from './memoize';
import { problemsOfCharactersUnsafeInYaml, type Rule } from './validation';

/**
 * Template functions, variables and fields that summaries, descriptions and labels of alerts can use. Prometheus 3.14
 * and Loki's ruler support every entry
 * (https://prometheus.io/docs/prometheus/latest/configuration/template_reference/).
 */
export const RULE_TEMPLATES: TemplateDialect = {
  functions: (
    'args externalURL first graphLink humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp label ' +
    'match now parseDuration pathPrefix query reReplaceAll safeHtml sortByLabel stripDomain stripPort strvalue tableLink ' +
    'title tmpl toDuration toLower toTime toUpper urlQueryEscape value'
  ).split(' '),
  variables: ['labels', 'externalLabels', 'externalURL', 'value'],
  fields: ['Labels', 'ExternalLabels', 'ExternalURL', 'Value'],
};

/**
 * Returns a validation rule for a text with Go templates, which a program such as Prometheus executes. `dialect` must
 * always be the same for a program, because results are cached by the name of the program.
 */
export function goTemplateValidationRule(dialect: TemplateDialect, program: string): Rule {
  const findProblem = memoize(
    `templates of ${program}`,
    (text: string) => templateProblem(text, dialect),
    textItselfAsCacheKey,
  );
  return {
    allowed: `a text with valid templates of ${program}`,
    accepts: (value) => typeof value === 'string' && findProblem(value) === undefined,
    problems: (value, path) => {
      if (typeof value !== 'string') return [`${path} must be a text`];
      const problem = findProblem(value);
      return problem === undefined
        ? problemsOfCharactersUnsafeInYaml(path, value)
        : [`${path} is not a valid template of ${program}: ${problem}`];
    },
  };
}

/** Validation rule for the summary, description or a label of an alert. */
export const ruleText = goTemplateValidationRule(RULE_TEMPLATES, 'Prometheus');
