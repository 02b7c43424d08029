/** @returns every setting as `--set` takes it, in lines for people. */
export function settingsText(config: object): string {
  const lines = ['Settings, as --set changes them:'];
  for (const setting of settings(config, '')) {
    const line = lines.at(-1) as string;
    const fits = lines.length > 1 && line.length + setting.length < 110;
    if (fits) lines[lines.length - 1] = `${line}  ${setting}`;
    else lines.push(`  ${setting}`);
  }
  return lines.join('\n');
}

function settings(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`];
  }
  return Object.entries(value).flatMap(([key, child]) => settings(child, path ? `${path}.${key}` : key));
}
