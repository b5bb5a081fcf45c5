import type { Texts } from "../texts.js";
import { number, percent, short } from "./words.js";

const BARRIER = "Engele bakın: dışbükey bir kayıp, kaybı eşit iki nokta arasında yükselemezdi.";

function eigenvalue(k: number): string {
  const rank = Math.abs(k) === 1 ? "" : `ten ${number(Math.abs(k))}.`;
  return `en ${k > 0 ? "küçük" : "büyük"}${rank}`;
}

export const landscape: Texts["landscape"] = {
  lineTitle: (line) => `Hata yüzeyi, ${line}`,
  slicesName: (line) => `Kesitler, ${line}`,
  surfaceAroundPath: "Eğitimin yolu çevresindeki hata yüzeyi",
  surfaceOverFactors: "İki katmanın çarpanları üzerinde hata yüzeyi",
  surfaceOverDirections: "İki doğrultu üzerinde hata yüzeyi",
  lines: {
    points: "iki rastgele nokta arasında",
    model: "iki model arasında",
    swap: "iki birimi yer değiştirmiş aynı ağa doğru",
    rescale: "yeniden ölçeklenmiş aynı ağa doğru",
    gradient: "gradyan boyunca",
    path: "eğitimin yolu boyunca",
    random: "rastgele bir doğrultu boyunca",
    curvature: (k) => `${eigenvalue(k)} özdeğerin özvektörü boyunca`,
  },
  axes: {
    points: "α, birinci rastgele nokta (0) ile ikincisi (1) arasındaki konum",
    model: "α, eğitilmiş ağırlıklar (0) ile öteki model (1) arasındaki konum",
    swap: "α, eğitilmiş ağırlıklar (0) ile iki birimi yer değiştirmiş olanlar (1) arasındaki konum",
    rescale: "α, eğitilmiş ağırlıklar (0) ile yeniden ölçeklenmişler (1) arasındaki konum",
    gradient: "α, gradyanın katı (0: eğitilmiş ağırlıklar)",
    path: "α, yolun birinci temel bileşeninin katı (0: eğitilmiş ağırlıklar)",
    random: "α, doğrultunun katı (0: eğitilmiş ağırlıklar)",
    curvature: "α, birim özvektör boyunca eğitilmiş ağırlıklara uzaklık",
  },
  about: {
    points: (scale) =>
      `Doğru, ağırlık uzayının rastgele bir noktasından bir başkasına uzanır. İki noktanın her ağırlığı ${number(scale)}·N(0, 1) dağılımından çekilir. Doğrunun bir optimumun yakınından geçmesi için bir neden yoktur.`,
    model: () => "Doğru, eğitilmiş ağırlıklardan öteki modelin ağırlıklarına dümdüz gider.",
    swap: (layer, units) =>
      `Doğru, ${layer}. gizli katmandaki ${units.join(" ve ")} numaralı birimlerin yer değiştirdiği ağa dümdüz gider. Bu ağ aynı tahminleri yapar; bu yüzden iki uçta kayıp aynıdır.`,
    rescale: () =>
      "Doğru, ilk katmanı 4 ile çarpılmış, sonraki katmanı 4’e bölünmüş ağa dümdüz gider. Bu ağ aynı tahminleri yapar; bu yüzden iki uçta kayıp aynıdır. İki ucu birleştiren eş kayıplı bir eğri vardır, ama bu doğru değildir.",
    gradient: (isFiltered) =>
      `Doğru, α = 0 iken eğitilmiş ağırlıklardan geçer ve seçilen yığınların kayıp gradyanı boyunca gider${isFiltered ? "; gradyan, sapma terimleri dışında, her birimin ağırlıklarının normuna ölçeklenmiştir." : ": α = −η, öğrenme oranı η olan bir gradyan inişi adımıdır."}`,
    path: () =>
      "Doğru, α = 0 iken eğitilmiş ağırlıklardan geçer; doğrultusu eğitimin en çok yol aldığı doğrultudur: kaydedilen ağırlıkların birinci temel bileşeni.",
    random: (isFiltered) =>
      `Doğru, α = 0 iken eğitilmiş ağırlıklardan geçer ve rastgele bir doğrultu boyunca gider. Doğrultunun her bileşeni N(0, 1) dağılımından çekilir${isFiltered ? " ve sapma terimleri dışında, biriminin ağırlıklarının normuna ölçeklenir" : ""}. Bütün ağırlıklar doğrultunun α katı kadar kaydırılır.`,
    curvature: (k) =>
      `Doğru, α = 0 iken eğitilmiş ağırlıklardan geçer; Hesse matrisinin ${eigenvalue(k)} özdeğerine ait birim özvektör boyunca gider.`,
  },
  look: {
    points:
      "Her yığının en alçak noktasına (işaretli) bakın: nokta doğrunun ucundaysa doğrunun içinde optimum yoktur.",
    model:
      "İki uç arasında bir engel olup olmadığına bakın: kayıp, iki ucu birleştiren doğru parçasının üstüne çıktığı yerde dışbükey değildir.",
    swap: BARRIER,
    rescale: BARRIER,
    gradient:
      "En alçak noktaların (işaretli) nerede olduğuna bakın: α = 0 noktasının solundakilere gradyana karşı atılan adımlarla ulaşılabilir.",
    path: "Kaybın iki yandan da α = 0 noktasına doğru azalıp azalmadığına ve ötesinde nasıl sürdüğüne bakın.",
    random:
      "Kayıp en küçük değerini (işaretli) eğitilmiş ağırlıklarda, α = 0 noktasında mı alıyor, yoksa onun yanında mı?",
    least: "Eğrinin nerede aşağı doğru büküldüğüne bakın: orada dışbükey değildir.",
    largest: "Kaybın ne kadar dik yükseldiğine bakın: en çok bu doğrultuda bükülür.",
  },
  lookSpread: "Yığınlar ortalamalarından ne kadar ayrılıyor?",
  loss: "kayıp",
  lossAxis: (name) => `kayıp (${name})`,
  lossOfMean: (name) => `kayıp (${name})`,
  atMost: (rows) => `en çok ${number(rows)}`,
  sliceOf: (batch, rows) => `${number(batch)} numaralı yığının kesiti, ${rows} satır`,
  slicesOf: (batches, rows, isOverlaid) =>
    `${rows} satırlık ${number(batches)} yığının kesitleri${isOverlaid ? ", üst üste" : ": ortalama ve yayılım"}`,
  logTitle: "Aynısı logaritmik eksende: vadinin tabanı",
  logCaption: (hasSeveral) =>
    `Doğrusal eksenin dümdüz gösterdiği yerde, en küçük kaybın yakınında, ${hasSeveral ? "yığınların nasıl ayrıldığına" : "vadinin ne kadar keskin olduğuna"} bakın.`,
  batch: (index) => `yığın ${number(index)}`,
  meanOf: (batches) => `${number(batches)} yığının ortalaması`,
  spread: "yığınların %5 ile %95 arası",
  asTrained: "birimler olduğu gibi",
  matched: "birimler eşleştirilmiş",
  chord: "iki uç arasındaki doğru parçası",
  alignmentTitle: "Birimler eşleştirilmeden önce ve sonra iki model arasındaki ortalama kayıp",
  alignmentCaption:
    "İki doğru da aynı ağa gidiyor: yalnızca gizli birimlerin sırası farklı. Engelin ne kadarı bu sıradan geliyor?",
  barrierTitle: "Sayılarla engel",
  barrierCaption:
    "Engel, doğrunun noktalarında L(α) − (1 − α)·L(0) − α·L(1) ifadesinin en büyük değeridir. İki nokta arasında kayıp daha yüksek olabilir: komşu noktalardan geçen bir parabol en çok çizelgedeki kadarını kaçırır.",
  barrierHeight: "engel",
  barrierAt: "α konumu",
  barrierMissed: "noktalar arasında kaçan, kestirim",
  lossAtStart: "α = 0 noktasında kayıp",
  lossAtEnd: "α = 1 noktasında kayıp",
  barrierRise: "yüksek uçtan alçak uca giderken en büyük tırmanış",
  lossOfBatches: "her yığının kaybı",
  summary: "ortalama, yayılım ve yüzdelikler",
  meanAndVariance: "kaybın ortalaması ve varyansı",
  alphaAxes: {
    random: "α, birinci rastgele doğrultu boyunca",
    path: "α, yolun birinci temel bileşeni boyunca",
    gradient: "α, gradyan boyunca",
    model: "α, eğitilmiş ağırlıklardan (0) öteki modele (1)",
    swap: "α, eğitilmiş ağırlıklardan (0) iki birimi yer değiştirmiş olanlara (1)",
    rescale: "a, birinci katman ağırlıklarının çarpanı",
    curvature: "α, Hesse matrisinin birinci özvektörü boyunca",
  },
  betaAxes: {
    random: "β, ikinci bir rastgele doğrultu boyunca",
    path: "β, yolun ikinci temel bileşeni boyunca",
    rescale: "b, sonraki katman ağırlıklarının çarpanı",
    curvature: "β, Hesse matrisinin sonraki özvektörü boyunca",
  },
  aboutPlane: (batches, rows) =>
    `Düzlem, α = β = 0 iken eğitilmiş ağırlıklardan geçer; (α, β) noktasında ağırlıklar bir doğrultunun α katı ile öteki doğrultunun β katı kadar kaydırılmıştır. Yükseklik, ${rows} satırlık ${number(batches)} yığının ortalama kaybıdır.`,
  aboutFactors: (batches, rows) =>
    `(a, b) noktasında birinci katmanın ağırlıkları a ile, sonraki katmanınkiler b ile çarpılmıştır; eğitilmiş ağırlıklar a = b = 1 noktasındadır. Sabit terimi (bias) olmayan ağın orada kestirimi ab·f olur, kayıp da (ab)²·E[f²] − 2ab·E[f·y] + E[y²]: bütün yüzey üç ortalamadan çıkar. Yükseklik, ${rows} satırlık ${number(batches)} yığının ortalama kaybıdır.`,
  valleyCaptions: {
    surface:
      "İşaretli eğrinin bütün noktalarında kayıp aynı ve en küçüktür. Bunlardan ikisi arasındaki doğru parçası vadide kalıyor mu?",
    map: "Vadinin tabanı bir hiperboldür. Dışbükey bir kayıp, tabanın iki noktası arasındaki kirişte de bu kadar küçük olurdu.",
  },
  floor: "en alçak noktalar, ab = c",
  twoMinima: "bunlardan ikisi",
  midpoint: (rise) => `ikisinin ortası, ${short(rise)} daha yüksekte`,
  factorsTitle: "Sayılarla vadi",
  factorsCaption:
    "Satırlar üzerinden ortalamalar ve onlardan çıkanlar, her biri yuvarlama hatasının sınırıyla: herhangi bir (a, b) noktasında kayıp, en küçük kayıptan E[f²]·(ab − c)² kadar büyüktür. Orta nokta sınırdan daha fazla yüksekteyse kayıp dışbükey değildir.",
  errorBound: "hata sınırı",
  productOfFactors: "c, en alçak noktaların hepsinde ab çarpımı",
  lossOfFloor: "en küçük kayıp",
  riseOfMidpoint: "(2√c, ½√c) ile (½√c, 2√c) noktalarının ortası ne kadar daha yüksekte",
  surfaceWithPath: "Hata yüzeyi ve üzerinde eğitimin yolu",
  surface: "Hata yüzeyi",
  mapOfPath: "Aynısı yukarıdan",
  map: "Aynısı yukarıdan, eş yükselti eğrileriyle",
  captionOfPath: (share) =>
    `Eğitimin en çok yol aldığı düzlem üzerinde kayıp${share === undefined ? "" : ` (yolun bu düzlemdeki payı ${percent(share)})`}. Yol nerede dönüyor ve kayıp orada ne yapıyor?`,
  captionOfSurface:
    "Eğitilmiş ağırlıkların çevresinde yüzeyin biçimine bakın. Döndürmek için sürükleyin ya da ok tuşlarına basın.",
  captionOfMapWithPath:
    "Yol, eş yükselti eğrilerini en dik inişte olduğu gibi dik açıyla mı kesiyor, yoksa bu düzlemin dışındaki doğrultular onu büküyor mu?",
  captionOfMap:
    "Eş yükselti eğrilerinin, ikinci dereceden bir çanakta olduğu gibi elips olup olmadığına bakın.",
  centre: "merkez: eğitilmiş ağırlıklar",
  path: "eğitimin yolu",
  step: (step) => `adım ${number(step)}`,
  planeFacts: "Sayılarla yüzey",
  quantity: "nicelik",
  value: "değer",
  points: "noktalar",
  lowestLoss: "en küçük kayıp",
  atPlace: "yeri (α, β)",
  lossAtCentre: "merkezdeki kayıp (α = β = 0)",
  explained: "her doğrultunun yoldaki payı",
  lowestPoints: "Her yığının en alçak noktası",
  lowestPoint: "En alçak nokta",
  lowestPointsOf: (batches) => `${number(batches)} yığının en alçak noktaları`,
  lowestCaption: "Her sütun kendi içinde: yığınlar üzerinden en küçük, ortalama ve en büyük değer.",
  alphaOfLowest: "en küçük kaybın α değeri",
  lossAtWeights: "eğitilmiş ağırlıklardaki kayıp (α = 0)",
  batchColumn: "yığın",
  overBatches: "yığınlar üzerinden",
  smallest: "en küçük",
  mean: "ortalama",
  largest: "en büyük",
};
