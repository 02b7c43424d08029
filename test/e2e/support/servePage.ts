import { buildPage } from './buildPage.ts';
import { startServer } from './server.ts';

/** Builds the page and serves it with a bundle or several. @returns the server's address, and the folder of the page. */
export async function servePage(
  bundles: string | string[],
): Promise<{ url: string; folder: string; stop: () => Promise<void> }> {
  const page = await buildPage();
  try {
    const server = await startServer(bundles, '--page', page.folder);
    return {
      url: server.url,
      folder: page.folder,
      async stop() {
        await server.stop();
        await page.remove();
      },
    };
  } catch (error) {
    await page.remove();
    throw error;
  }
}
