import { problemsOfSettingsThatStoreIgnores } from '../cloud/metrics-store';
import type { Transport } from '../contracts/metrics-sink';
import { edgeComponents } from '../edge/components';
import { components } from './components';
import type { Settings } from './settings';

/**
 * Returns the errors that components find in settings with valid values, such as options that conflict or have no
 * effect.
 * @param byDefault default of the setting `transport` of edge nodes
 */
export function componentSettingsProblems(settings: Settings, byDefault: Transport): readonly string[] {
  // The settings in `unread` have no effect with this metrics store. Further errors about them would only confuse.
  const unread = problemsOfSettingsThatStoreIgnores(settings);
  if (unread.length) return unread;
  const { transport = byDefault, groups = [], ...nodes } = settings.edge ?? {};
  const transports = [...new Set([transport, ...groups.map((group) => group.transport ?? transport)])];
  const places = [
    { nodes, path: 'settings.edge', transports },
    ...groups.map((group, index) => ({
      nodes: group,
      path: `settings.edge.groups[${index}]`,
      transports: [group.transport ?? transport],
    })),
  ];
  return [
    ...components.flatMap((component) => component.settingsProblems?.({ settings, transports }) ?? []),
    ...places.flatMap((place) =>
      edgeComponents.flatMap((component) => component.nodesSettingsProblems?.(place.nodes, place) ?? []),
    ),
  ];
}
