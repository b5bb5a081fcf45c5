import type { Texts } from "../../texts.js";
import type { line as english } from "../../en/lessons/line.js";

export const line: Pick<Texts["course"]["lessons"], keyof typeof english> = {
  "lsm-data": {
    title: "Gürültülü doğrusal veri",
    question: "Ardındaki gerçeği bildiğimiz bir veri nasıl görünür?",
    method:
      "X öznitelikleri standart normal dağılımdan, w ağırlık vektörü de bir kez çekilir. Her y hedefi, satırındaki özniteliklerin ağırlıklı toplamı ile biraz gürültüdür. w bilindiği için sonraki her ders ona ne kadar yaklaştığını ölçebilir.",
    look: "Hedefler 0 çevresinde çan biçimindedir, çünkü bağımsız normallerin toplamı da normaldir. Varyansı |w|² ile gürültünün varyansının toplamıdır. Gürültüyü hiçbir model tahmin edemez; bu yüzden yeni satırlarda hiçbir kayıp gürültünün varyansının altında kalamaz.",
    numbers: {
      rows: "satır",
      features: "öznitelik",
      variance: "y’nin varyansı, ölçülen",
      expected: "y’nin varyansı, |w|² + σ²",
    },
    tries: [
      "Öznitelikler kadar geniş bir gürültü: çan genişler, sonrasında her şeyi öğrenmek zorlaşır.",
      "Yalnızca iki öznitelik: varyans, iki ağırlığın karelerinin toplamıdır.",
    ],
  },
  "closed-form": {
    title: "En küçük karelerin kapalı biçimi",
    question: "En iyi ağırlıklara adım atmadan, doğrudan ulaşabilir miyiz?",
    method:
      "Kayıp, ortalama karesel hatadır. En küçük olduğu yerde gradyan sıfırdır; bu da her ağırlık için doğrusal bir denklem verir. Satırların üzerinden tek geçişte XᵀX ve Xᵀy toplanır, denklemler Cholesky ayrışımıyla çözülür.",
    look: "Her nokta bir ağırlıktır: gerçek değere karşı bulunan değer. Noktalar, gürültünün bıraktığı hata kadar, köşegenin üzerindedir; satır sayısı dört katına çıkarsa bu hata yarıya iner. Yöntem işler, çünkü kayıp tek bir en küçük noktası olan karesel bir çanaktır.",
    numbers: {
      loss: "ŵ için kayıp",
      noise: "gürültünün varyansı",
      error: "bir ağırlıktaki en büyük hata",
      bound: "bu hatanın üst sınırı",
    },
    tries: [
      "On bin yerine yüz satır: noktalar köşegenden ayrılır.",
      "Güçlü bir ridge cezası bütün ağırlıkları sıfıra doğru çeker.",
    ],
  },
  "gradient-descent": {
    title: "Bütün satırlarla gradyan inişi",
    question: "Yalnızca bulunduğumuz yerin eğimini biliyorsak vadiye nasıl ineriz?",
    method:
      "Küçük, rastgele ağırlıklarla başlanır. Her adımda gradyan bütün satırlar üzerinden hesaplanır ve onun tersine biraz yürünür. Ne kadar yürüneceğini öğrenme oranı η söyler.",
    look: "Logaritmik eksende kayıp önce düz bir doğru boyunca azalır: her adım en küçük noktaya olan uzaklığın aynı oranını siler. Sonra gürültünün varyansında yataylaşır. Fazla büyük bir öğrenme oranı vadinin öbür yanına sıçratır; 2 bölü en büyük eğrilikten büyükse vadiden dışarı çıkarır.",
    numbers: {
      steps: "adım",
      loss: "son kayıp",
      noise: "gürültünün varyansı",
      error: "bir ağırlıktaki en büyük hata",
    },
    tries: [
      "On kat büyük bir öğrenme oranı: adımların onda biri yeterdi.",
      "Sınıra yakın: her adım vadinin öbür yanına sıçrar.",
      "Sınırın ötesi: her adım başladığından daha yükseğe varır ve eğitim ıraksar.",
    ],
  },
  autograd: {
    title: "Aynı iniş, otomatik türevle",
    question: "Formül elle yazılamayacak kadar uzunsa gradyanı kim hesaplar?",
    method:
      "Model, basit işlemlerin zinciri olarak yazılır. Otomatik türev, zincir kuralını bu işlemlere kayıptan geriye doğru uygular. Aynı eğitim bir kez bu gradyanlarla, bir kez de önceki dersin formülüyle yapılır.",
    look: "İki eğri aynıdır: otomatik türev bir yaklaşıklık değildir, tamdır. İki ağırlık kümesi yalnızca yuvarlama kadar ayrılır. Ağ ne kadar derin olursa olsun yeni bir formül gerekmez.",
    numbers: {
      difference: "iki ŵ arasındaki en büyük fark",
      loss: "son kayıp",
      error: "bir ağırlıktaki en büyük hata",
    },
    tries: [
      "Başka bir öğrenme oranı: iki eğitim yine aynı sonucu verir.",
      "Elli öznitelik: elli ağırlık, ama yeni bir formül yok.",
    ],
  },
  sgd: {
    title: "Stokastik gradyan inişi",
    question: "Bir adım atmak için bütün satırlar gerekli mi?",
    method:
      "Satırlar her epokta karıştırılır ve yığınlara bölünür. Her adım tek bir yığının gradyanını kullanır: gerçek gradyanın gürültülü bir tahminini, işin küçük bir bölümüyle. Bir epok sonunda tek adım yerine pek çok adım atılmış olur.",
    look: "Eğri, gradyan inişindeki gibi azalır ama titrer: her nokta başka bir yığının kaybıdır. En küçük noktanın yakınında yığınlar onun yeri konusunda anlaşamaz; ağırlıklar onun çevresinde gezinmeyi sürdürür.",
    numbers: {
      steps: "adım",
      loss: "son kayıp",
      noise: "gürültünün varyansı",
      error: "bir ağırlıktaki en büyük hata",
    },
    tries: [
      "Yüz satırlık yığınlar: bir epokta on kat çok adım ve daha çok titreme.",
      "Yüz kat büyük bir öğrenme oranı: taban daha ilk epoklarda bulunur.",
      "Momentum son adımın bir bölümünü korur ve daha erken varır.",
    ],
  },
  "sgd-large": {
    title: "Daha çok satırla stokastik gradyan inişi",
    question: "Yüz kat çok satır neyi değiştirir?",
    method:
      "Aynı eğitim, diskten akıtılan bir milyon satırla ve on bin satırlık yığınlarla yapılır. Satırlar, belleğe sığan bir pencere içinde karıştırılır.",
    look: "Önemli olan epok sayısı değil, adım sayısıdır: her epokta yüz yığın varken bir epok, birçok küçük epokun işini görür. Büyük yığınlar gradyanı daha iyi tahmin eder; bu yüzden eğri daha az titrer.",
    numbers: {
      rows: "satır",
      steps: "adım",
      loss: "son kayıp",
      error: "bir ağırlıktaki en büyük hata",
    },
    tries: [
      "On kat büyük bir öğrenme oranı: tabana yaklaşılır.",
      "Yüz bin satırlık yığınlar: daha düzgün bir eğri ve adımların onda biri.",
    ],
  },
};
