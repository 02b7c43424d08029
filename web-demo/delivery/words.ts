export const words = {
  stalled: (file: string) => `Nothing more of ${file} came for 10 seconds: the connection may be gone. Try again.`,
  offline: (file: string) =>
    `There is no network, and ${file} was not kept on an earlier visit. Connect, then try again.`,
  cut: (file: string) => `The connection broke off while ${file} came, or the server is gone. Try again.`,
  refused: (file: string, status: number) =>
    `The server does not give ${file} (it answered ${status}). Try again later.`,
  otherContent: (file: string) =>
    `What came is not the ${file} that the model's manifest names: it was changed or cut short on the way. Try again.`,
};
