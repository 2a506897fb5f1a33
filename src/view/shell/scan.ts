/** Reads a QR code from the camera: by the browser's own detector where it has one, else by jsQR. Pictures go nowhere. */
type Detector = { detect(source: CanvasImageSource): Promise<readonly { readonly rawValue: string }[]> };
type DetectorClass = new (options: { formats: string[] }) => Detector;

const LOOK_MS = 200;
const WIDTH = 480;

export const canScan = (): boolean => navigator.mediaDevices?.getUserMedia !== undefined;

const readerOf = async (): Promise<(video: HTMLVideoElement) => Promise<string | undefined>> => {
  const Found = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (Found) {
    const detector = new Found({ formats: ['qr_code'] });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  }
  const { default: jsQR } = await import('jsqr');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return async (video) => {
    if (!context || video.videoWidth === 0) return undefined;
    canvas.width = WIDTH;
    canvas.height = Math.round((WIDTH * video.videoHeight) / video.videoWidth);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    return jsQR(data, width, height)?.data;
  };
};

/** Shows the camera in `video` until something is found; gives the function that ends it. */
export const scan = (
  video: HTMLVideoElement,
  { found, refused }: { found(text: string): void; refused(): void },
): (() => void) => {
  let over = false;
  let stream: MediaStream | undefined;
  const end = (): void => {
    over = true;
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  const run = async (): Promise<void> => {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    if (over) return end();
    video.srcObject = stream;
    await video.play();
    const read = await readerOf();
    while (!over) {
      const text = await read(video).catch(() => undefined);
      if (text && !over) {
        end();
        return found(text);
      }
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
  };
  run().catch(() => {
    if (over) return;
    end();
    refused();
  });
  return end;
};
