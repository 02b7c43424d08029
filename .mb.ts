import { readFileSync } from 'node:fs';
import { loadBundle } from './serving/engine/loadBundle.ts';
import { perform } from './serving/engine/perform.ts';
import { defaultLimits } from './serving/engine/limits.ts';
const L = await loadBundle({folder:'models/digits',variant:'fp32'},{threads:1,limits:defaultLimits} as any);
const wav=new Uint8Array(readFileSync('/tmp/serving-3.wav')), png=new Uint8Array(readFileSync('/tmp/serving-3.png'));
async function t(name:string,f:()=>unknown,N=2000){ for(let i=0;i<N;i++) await f(); const c=process.cpuUsage(), w=performance.now(); for(let i=0;i<N;i++) await f(); const u=process.cpuUsage(c); console.log(name.padEnd(24),'cpu',((u.user+u.system)/N).toFixed(0),'us wall',((performance.now()-w)*1000/N).toFixed(0)); }
const task:any={task:'media',bundle:'x',items:[{kind:'image',name:'image',from:{file:png}},{kind:'audio',name:'audio',from:{file:wav}}],judgement:'score',features:false,keepsRows:false,budgetMs:40};
const px=await L.media.image(png), wf=await L.media.audio(wav), win=L.encoder.window(wf,undefined);
await t('perform',()=>perform(L,task));
await t('image decode',()=>L.media.image(png));
await t('audio decode',()=>L.media.audio(wav));
await t('window',()=>L.encoder.window(wf,undefined));
await t('ort audio',()=>L.bundle.run('audio',{waveform:win.waveform},['audio_embedding']));
await t('ort image',()=>L.bundle.run('image',{image:px},['image_embedding']));
const a=await L.encoder.audio(win,{features:false}), i=await L.encoder.image(px,{features:false});
await t('enc audio',()=>L.encoder.audio(win,{features:false}));
await t('score',()=>L.encoder.scoreMatrix([a],[i]));
await t('ort match',()=>L.bundle.run('match',{audio_embedding:a.embeddings.data,image_embedding:i.embeddings.data},['logits']));

import { decodePlainPng } from '#node/media/plainPng.ts';
import { prepareImage } from '#core/media/image.ts';
import { inflateSync, crc32 } from 'node:zlib';
const pic=decodePlainPng(png)!;
await t('decodePlainPng',()=>decodePlainPng(png));
await t('prepareImage',()=>prepareImage(pic,L.bundle.manifest.input.image!));
const idat=png.subarray(62,62+405);
try{inflateSync(idat); await t('inflateSync',()=>inflateSync(idat,{maxOutputLength:2380}));}catch(e){console.log(e)}
await t('crc',()=>crc32(idat));
await t('perform',()=>perform(L,task));
await t('perform',()=>perform(L,task));
process.exit(0)
