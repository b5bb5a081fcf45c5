import type { Texts } from "../texts.js";
import { list, number } from "./words.js";

/** What the short form of an experiment changes, by the names of the options. */
const OPTIONS: Readonly<Record<string, string>> = { epochs: "epok", rows: "satır" };

export const experiments: Texts["experiments"] = {
  theData: "Veri",
  theTraining: "Eğitim",
  theSlice: "Kesit",
  theSlices: "Kesitler",
  theOptimum: "Optimum",
  settingsOf: "Deneyin ayarları",
  theExperiment: "Deney",
  settings: "Ayarlar",
  value: "değer",
  quick: (changes) => `Bu, deneyin kısa biçimidir: ${list(changes)}.`,
  quickChange: (option, now, usual) => `${usual} yerine ${now} ${OPTIONS[option] ?? option}`,
  demoTitle: "İki vadi: dışbükey bir kayıp ve dışbükey olmayan bir kayıp",
  demoText:
    "Bir milyon satırda doğrusal bir model ve iki katmanlı sigmoit verisinde bir MLP; ikisi de diskten SGD ile eğitilir, eğitilmiş ağırlıkların çevresinde tek tek yığınların kaybı çizilir.",
  linearPart: "Doğrusal veri, doğrusal model",
  sigmoidPart: "İki katmanlı sigmoit verisi, MLP",

  linearData: "y = Xw + gürültü; X ve w standart normal: dışbükey problemin verisi.",
  target: "Hedef",
  targetIsNormal:
    "Bağımsız normallerin toplamı normaldir. Varyansı |w|² ile gürültünün varyansının toplamıdır.",
  trueWeights: "Gerçek ağırlıklar",
  sigmoidData:
    "Hedefler iki sigmoit katmanından geçer; her katman bütün satırlardaki en büyük değerine bölünür.",
  targetRange: (least, largest) =>
    `Bütün satırların en büyük değerine bölmek o değeri 1 yapar. Hedefler ${number(least)} ile ${number(largest)} arasındadır.`,
  targetReversed: (maximum, least, largest) =>
    `Bütün satırların en büyük değeri negatiftir, ${number(maximum)}: ona bölmek sırayı tersine çevirir ve o değeri 1, yani en küçük hedef yapar. Hedefler ${number(least)} ile ${number(largest)} arasındadır.`,
  maxima: "Formülün böldüğü iki en büyük değer",
  firstLayer: "birinci katman",
  secondLayer: "ikinci katman",
  distribution: "Hedefin dağılımı",
  distributionCaption: (mean, variance) =>
    `Hedeflerin nerede toplandığına bakın. En iyi sabit tahmin ortalamalarıdır, ${number(mean)}; kaybı da varyanslarıdır, ${number(variance)}.`,
  normalCaption:
    "Sayılan satırların, modelin normal yoğunluğuna ne kadar uyduğuna bakın; satır azaldıkça daha çok dağılırlar.",
  targetAxis: "y, hedef",
  densityAxis: "yoğunluk (y’nin her birimi için satırların oranı)",
  density: "yoğunluk",
  countedRows: "sayılan satırlar",
  normalDensity: "normal yoğunluk",

  closedForm: (ridge) =>
    `ŵ = (XᵀX${ridge === undefined ? "" : ` + ${number(ridge)}·I`})⁻¹Xᵀy; veriden tek geçiş ve bir Cholesky ayrışımı.`,
  gradientDescent: "Bütün satırlarla adımlar; gradyan 2Xᵀ(ŷ − y)/N, veri akıtılır.",
  autograd:
    "tfjs’in otomatik gradyanlarıyla bir Linear D→1, yanında gradyanı formülle yazılmış aynı eğitim.",
  agreement: (difference) =>
    `İki eğitim aynı ağırlıklara varır; fark en çok ${number(difference, 2)}`,
  agreementText:
    "İki eğitim aynı ağırlıklarla başlar ve aynı adımları atar; yalnızca yuvarlama farklıdır.",
  agreementTable: "İki ŵ arasındaki en büyük fark",
  automatically: "Otomatik türevle",
  writtenOut: "Formülle yazılmış gradyanla",
  inBatches: (rows, batchSize, isShuffled) =>
    `${number(rows)} satır, ${number(batchSize)} satırlık yığınlar hâlinde, ${isShuffled ? "her epokta yeniden karıştırılarak" : "dosyalardaki sırayla"}.`,
  everyHundred: "Her yüzüncü epok",
  everyHundredTitle: "Her yüzüncü epokta kayıp",
  everyHundredCaption: (last, noise) =>
    `Kaybın indiği düzeye bakın: ${number(last)} ile biter; gürültünün varyansı, aynı birimle, ${number(noise)}.`,
  epoch: "epok",
  lossOfEpoch: (loss) => `epokun kaydedilen son yığınının kaybı (${loss})`,

  paraboloid:
    "[−10, 10]² üzerinde z = x² + y², x + y = 0 üzerindeki noktalar ve bir eğri olarak kesit.",
  surface: "x + y = 0 düzlemi yüzeyden bir eğri keser",
  surfaceName: "Yüzey",
  surfaceText:
    "İki ağırlıklı bir kayıp, ağırlıklar düzleminin üzerinde bir yüzeydir. Dik bir düzlem ondan bir eğri keser: bir kesit.",
  surfaceTitle: "z = x² + y² ve x + y = 0 düzlemindeki noktaları",
  surfaceCaption:
    "Dik x + y = 0 düzleminin yüzeyi kestiği yere bakın: noktalar vadinin tabanına iner ve yeniden çıkar.",
  pointsOnPlane: "x + y = 0 olan noktalar",
  plane: "x + y = 0 düzlemi",
  cut: "Kesit, z = 2x² parabolüdür",
  cutName: "Kesit",
  cutText: "x + y = 0 boyunca yüzey, z = 2x² eğrisidir.",
  cutCaption: "Parabole bakın: bir çanağın kesiti yine bir çanaktır.",
  cutAxis: "x, y = −x iken",
  gridSetting: "x ve y",
  gridOf: (range, points) =>
    `−${number(range)} … ${number(range)}, her biri ${number(points)} noktada`,
  planeOfCut: "kesitin düzlemi",
  lowestOfCut: "kesitin en alçak noktası",
  function: "fonksiyon",
  pointsFile: "noktalar ve yükseklikleri",
  walk: "(−10, −10) noktasından (10, 10) noktasına 100 eşit adım, adıma göre yükseklik.",
  walkTitle: (step) => `Yürüyüşün en alçak noktası ${number(step)}. adımdadır`,
  walkName: "Yürüyüş",
  walkText:
    "Çanağın üzerinden dümdüz yürümek bir parabol çizer; koordinatın yerinde adımın numarası vardır. Yürüyüş sonundan bir adım önce durur.",
  walkFigure: "Adım numarasına göre yükseklik",
  walkCaption: "Yarı yoldaki en alçak noktaya bakın: yürüyüş en küçük noktanın üzerinden geçer.",
  walkAxis: "(−10, −10) noktasından (10, 10) noktasına doğru adım, 100 üzerinden",
  step: "adım",
  heightAxis: "yükseklik z = x² + y²",
  height: "yükseklik",
  start: "başlangıç",
  end: "son",
  steps: "adım sayısı",
  eachStep: "her adım",
  lowestPoint: "en alçak nokta",
  lowestAt: (height, step) => `${number(step)}. adımda z = ${number(height)}`,

  sliceRandom: (scale) =>
    `w ~ ${scale}·N(0,1) ile çekilen iki rastgele nokta arasındaki doğruda kayıp; bir optimumun yakınından geçmesi için neden yok.`,
  sliceOptimum: (scale) =>
    `En küçük kareler optimumunun çevresinde ŵ ± ${scale}·N(0,1) boyunca kayıp: bir çanak.`,
  overlaid: (scale) => `Eğitilmiş ağırlıklar ± ${scale}·N(0,1); her yığın için bir eğri.`,
  overlaidAuto:
    "Eğitilmiş ağırlıklardan rastgele bir doğrultu boyunca, kayıp on katına çıkana kadar; her yığın için bir eğri.",
  overlaidAlong: (along) => `${along} boyunca kesitler; her yığın için bir eğri.`,
  mlpTraining: (model, optimizer, epochs, batchSize) =>
    `${model} modeli; ${optimizer} ile ${number(epochs)} epok, ${number(batchSize)} satırlık yığınlarla eğitildi.`,
  zoomName: "Yakın ve geniş görünüm",
  zoomText: "Geniş görünüm aynı doğrultuyu gösterir; yakın görünümün aralığı onda işaretlidir.",
  zoom: "Yakın görünüm",
  wide: "Geniş görünüm",
  wideCaption:
    "İşarete bakın: burada kıvrımlı tek bir vadi olan yer, işaretin içinde düz bir yokuş ya da yatay bir taban olabilir.",
  zoomRange: (width) => `yakın görünümün aralığı, genişliği ${number(width)}`,
  zoomSettings: "Yakın görünümün ayarları",
  wideNumbers: "Geniş görünümün sayıları",
  wideSettings: "Geniş görünümün ayarları",

  hundredMillion: (rows, epochs) =>
    `${number(rows)} satır üretilir, ${number(epochs)} epok eğitilir ve kayıptan kesit alınır; bellek sınırlı kalır.`,
  optimisers:
    "LSM verisinde doğrusal model ve iki katmanlı sigmoit verisinde MLP, aynı başlangıçtan.",
  linearModel: "Doğrusal model",
  mlpModel: "MLP",
  warmUp: "İlk eğitimden önceki bir epokluk ısınma gösterilmez.",
  adaptive: (distances) =>
    `RMSProp ve Adam’ın adımları gradyanın büyüklüğüne neredeyse bağlı değildir: ${distances.join("; ")}.`,
  distance: (steps, isAtMost, rate, optimizer, distance) =>
    `${optimizer}, öğrenme oranı ${isAtMost ? "en çok " : ""}${number(rate)} olan ${number(steps)} adımda bir ağırlığı ${distance < 1 ? "yalnızca " : ""}aşağı yukarı ${number(distance, 2)} ya da daha az hareket ettirir`,

  device: (epochs) =>
    `Doğrusal model ve MLP, bulunan her arka uçta ${number(epochs)} epok eğitilir.`,
  onGpu: (gpus) => `GPU’da: ${list(gpus)}.`,
  noGpu: "GPU yoktu: buradaki hiçbir sayı bir GPU’nun ne kadar hızlı olacağını söylemez.",
  automatic: (backend, reason) => `--backend auto şunu seçer: ${backend} (${reason}).`,
  theBackends: "Arka uçlar",
  fastest: (model, backend, rate) => `${model}: en hızlısı ${backend}, ${rate} satır/sn`,
  notRun: "Çalıştırılmayanlar",
  notStarted: "Başlamayan arka uçlar",
  backendsTable: "Her arka uçta kayıp ve süre",
  backendsCaption:
    "Hepsi aynı ağırlıklardan aynı adımları atar; kayıplar float32 yuvarlaması ve onun etkileri kadar ayrılır. Süre; iş parçacıklarının, hesap çekirdeklerinin ve yükleyicinin başlatılması da içinde, bütün eğitimindir.",
  backend: "arka uç",
  why: "neden",
  command: "komut",
  deviceColumn: "aygıt",
  seconds: "süre (sn)",
  rowsPerSecond: "satır/sn",
  waited: "veri bekleme",
  lossByTime: "Zamana göre kayıp",
  lossByTimeCaption:
    "Önce hangi arka ucun bitirdiğine bakın: hepsi aynı adımları atar; eğriler yuvarlama dışında aynıdır, hızları farklıdır. Süre ilk adımdan sayılır.",
};
