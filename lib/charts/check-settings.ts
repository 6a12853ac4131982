import type { Construct } from 'constructs';
import { DEFAULT_TRANSPORT } from '../contracts/metrics-sink';
import { optionsRule } from '../core/option-table';
import { anything } from '../core/structure-rules';
import { invalid, problemsOf } from '../core/validation';
import type { Settings } from './settings';
import { withoutEffect } from './settings-effects';
import { relationProblems } from './settings-relations';
import { SETTINGS } from './settings-tables';

/**
 * Checks settings before any construct is made, so that a misspelt option is an error and not a
 * default, also where nobody checks types.
 *
 * @param byDefault the transport of nodes for which the settings name none
 * @throws InvalidOptionError that names each setting, what was given and what is allowed.
 */
export function checkSettings(scope: Construct, settings: Settings, byDefault = DEFAULT_TRANSPORT): void {
  const own = problemsOf('settings', settings, optionsRule<Settings>(SETTINGS));
  const problems = own.length ? own : [...relationProblems(settings), ...withoutEffect(settings, byDefault)];
  if (problems.length) throw invalid(scope, problems.join('; '));
}

/** The settings of a chart; `checkSettings` checks each of them. */
export const settingsOption = { rule: { ...anything, allowed: 'the settings of an environment' } };
