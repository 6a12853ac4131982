import type { Construct } from 'constructs';
import { DEFAULT_TRANSPORT } from '../contracts/metrics-sink';
import { optionsRule } from '../core/option-table';
import { anything } from '../core/structure-rules';
import { optionError, problemsOfValue } from '../core/validation';
import { componentSettingsProblems } from './component-problems';
import { freshnessSettingProblems } from './freshness';
import type { Settings } from './settings';
import { settingCombinationProblems } from './settings-relations';
import { SETTINGS } from './settings-tables';

/**
 * Validates the settings before any construct is created. Unknown options are errors, also in JavaScript, where no
 * compiler reports them.
 * @param byDefault default of the setting `transport` of edge nodes
 * @throws InvalidOptionError that lists each invalid setting with the given and the allowed values.
 */
export function validateSettings(scope: Construct, settings: Settings, byDefault = DEFAULT_TRANSPORT): void {
  const own = problemsOfValue('settings', settings, optionsRule<Settings>(SETTINGS));
  const problems = own.length
    ? own
    : [
        ...settingCombinationProblems(settings),
        ...freshnessSettingProblems(settings.edge ?? {}, byDefault),
        ...componentSettingsProblems(settings, byDefault),
      ];
  if (problems.length) throw optionError(scope, problems.join('; '));
}

/**
 * Rule of the option `settings` of a chart. The rule accepts any value, because `validateSettings` validates the
 * settings.
 */
export const settingsOption = { rule: { ...anything, allowed: 'the settings of an environment' } };
