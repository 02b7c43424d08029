import { download } from './engine/download.ts';

/** A real recording or picture that the page offers, so that one click shows what it does. */
export interface Example {
  digit: number;
  /** Who speaks; null: not known. */
  by: string | null;
  file: string;
}

/** `examples/examples.json`, made from the digits dataset when the page is built. */
export interface Examples {
  sounds: Example[];
  pictures: Example[];
}

export async function loadExamples(): Promise<Examples> {
  return JSON.parse(new TextDecoder().decode(await download('examples/examples.json')));
}

export async function loadExample({ file }: Example): Promise<Blob> {
  return new Blob([await download(file)]);
}

/** A button for each digit; pressed again, it gives the digit's next example. */
export function showExamples(place: HTMLElement, examples: Example[], onPick: (example: Example) => void): void {
  const digits = [...new Set(examples.map(({ digit }) => digit))];
  place.replaceChildren(
    ...digits.map((digit) =>
      exampleButton(
        examples.filter((example) => example.digit === digit),
        onPick,
      ),
    ),
  );
}

function exampleButton(examples: Example[], onPick: (example: Example) => void): HTMLButtonElement {
  let next = 0;
  const button = document.createElement('button');
  button.type = 'button';
  const offer = () => {
    const { digit, by, file } = examples[next] as Example;
    button.ariaLabel = button.title = by ? `${digit}, said by ${by}` : `${digit}, handwritten`;
    if (by) button.textContent = String(digit);
    else button.style.backgroundImage = `url("${file}")`;
  };
  button.addEventListener('click', () => {
    onPick(examples[next] as Example);
    next = (next + 1) % examples.length;
    offer();
  });
  offer();
  return button;
}

/** Pairs to show, alternately of one digit and of two. */
export function* examplePairs({ sounds, pictures }: Examples): Generator<{ sound: Example; picture: Example }, never> {
  const any = (examples: Example[]) => examples[Math.floor(Math.random() * examples.length)] as Example;
  for (;;) {
    const picture = any(pictures);
    yield { picture, sound: any(sounds.filter(({ digit }) => digit === picture.digit)) };
    const other = any(pictures);
    yield { picture: other, sound: any(sounds.filter(({ digit }) => digit !== other.digit)) };
  }
}
