//! Computing on shares: what every engine can do.

use std::future::Future;
use std::ops::Range;

use session::Role;
use zeroize::Zeroizing;

use crate::backend::Backend;
use crate::circuit;
use crate::circuit::lookup::Looked;
use crate::words::{Words, summed};
use crate::{Additive, Bits, Error, Grid, Matrix, Opened, Table, Traffic, Vector};

/// Which bits of a number a look-up takes: 8 of fraction, 8 before the point, a sign.
pub(crate) const WINDOW: Window = Window { fraction: 8, bits: 17 };

/// Which bits of a number are taken.
pub(crate) struct Window {
    /// How many of them are fraction bits.
    pub(crate) fraction: u32,
    /// How many there are, the sign among them.
    pub(crate) bits: usize,
}

impl Window {
    #[expect(clippy::cast_possible_truncation, reason = "at most 64 bits")]
    pub(crate) const fn integer_bits(&self) -> u32 {
        self.bits as u32 - 1 - self.fraction
    }
}

/// Computes on shared numbers: [`Rep3`](crate::Rep3), [`Dealer`](crate::Dealer) and
/// [`Clear`](crate::Clear) do.
///
/// Every role runs the same program; whatever a role does not hold is absent from its vectors. Scales
/// are types: where a method takes `A`, `B` and `C`, the product of numbers with `A` and with `B`
/// fraction bits has `C = A + B`, or the program does not compile:
///
/// ```
/// # use sharing::{Additive, Clear, Engine, Error, Matrix, Vector};
/// async fn logits(engine: &mut Clear, x: &Matrix<12>, v: &Vector<20>) -> Result<(), Error> {
///     let z: Additive<32> = engine.matvec(x, 0..1, v).await?;
///     Ok(())
/// }
/// # let mut engine = Clear::new();
/// # let (x, v) = (engine.identity(1, 1), engine.constant(&[1]));
/// # let future = std::pin::pin!(logits(&mut engine, &x, &v));
/// # let _ = future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
/// ```
/// ```compile_fail
/// # use sharing::{Additive, Clear, Engine, Error, Matrix, Vector};
/// async fn logits(engine: &mut Clear, x: &Matrix<12>, v: &Vector<20>) -> Result<(), Error> {
///     let z: Additive<31> = engine.matvec(x, 0..1, v).await?;
///     Ok(())
/// }
/// # let mut engine = Clear::new();
/// # let (x, v) = (engine.identity(1, 1), engine.constant(&[1]));
/// # let future = std::pin::pin!(logits(&mut engine, &x, &v));
/// # let _ = future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
/// ```
///
/// Lengths are public. Methods panic when they do not fit one another: that is a bug of the
/// program, which a peer cannot cause.
pub trait Engine: Backend {
    /// Which role this engine plays.
    fn role(&self) -> Role {
        Backend::raw_role(self)
    }

    /// What this role has sent so far, and in how many rounds.
    fn traffic(&self) -> Traffic {
        Backend::raw_traffic(self).clone()
    }

    /// Shares public numbers, given as ring elements ([`encode`](crate::encode)).
    fn constant<const F: u32>(&self, values: &[i64]) -> Vector<F> {
        Vector { words: Backend::raw_constant(self, &ring(values)) }
    }

    /// Shares the identity matrix times a public number.
    fn identity<const F: u32>(&self, size: usize, value: i64) -> Matrix<F> {
        let column = |j| {
            let unit: Vec<i64> = (0..size).map(|i| if i == j { value } else { 0 }).collect();
            self.constant(&unit)
        };
        Matrix::from_columns((0..size).map(column).collect())
    }

    /// Shares numbers that the role `from` alone knows, which gives them as `values`; others give
    /// `None`. One round.
    fn input<const F: u32>(
        &mut self,
        from: Role,
        values: Option<&[i64]>,
        len: usize,
    ) -> impl Future<Output = Result<Vector<F>, Error>> + Send {
        let values = values.map(ring);
        async move {
            assert!(values.as_ref().is_none_or(|values| values.len() == len), "as many as agreed");
            let words = Backend::raw_input(self, from, values.as_deref(), len).await?;
            Ok(Vector { words })
        }
    }

    /// Prepares a matrix for many products: once, after its last column came. In
    /// [`Dealer`](crate::Dealer) it is masked once for all of them; in the others it takes no round.
    fn prepare<const F: u32>(
        &mut self,
        matrix: &mut Matrix<F>,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        Backend::raw_prepare(self, &mut matrix.columns)
    }

    /// Multiplies some rows of a matrix by a vector: `X v`.
    fn matvec<const A: u32, const B: u32, const C: u32>(
        &mut self,
        matrix: &Matrix<A>,
        rows: Range<usize>,
        vector: &Vector<B>,
    ) -> impl Future<Output = Result<Additive<C>, Error>> + Send {
        const { assert!(C == A + B, "a product has the fraction bits of both factors") };
        async move {
            assert_eq!(matrix.columns(), vector.len(), "a number for each column");
            assert!(rows.end <= matrix.rows, "rows of the matrix");
            let len = rows.len();
            let summands = Backend::raw_matvec(self, &matrix.columns, rows, &vector.words).await?;
            Ok(Additive { len, summands })
        }
    }

    /// Multiplies some rows of a matrix, transposed, by a vector: `Xᵀ r`.
    fn transposed<const A: u32, const B: u32, const C: u32>(
        &mut self,
        matrix: &Matrix<A>,
        rows: Range<usize>,
        vector: &Vector<B>,
    ) -> impl Future<Output = Result<Additive<C>, Error>> + Send {
        const { assert!(C == A + B, "a product has the fraction bits of both factors") };
        async move {
            assert_eq!(rows.len(), vector.len(), "a number for each row");
            assert!(rows.end <= matrix.rows, "rows of the matrix");
            let len = matrix.columns();
            let summands =
                Backend::raw_transposed(self, &matrix.columns, rows, &vector.words).await?;
            Ok(Additive { len, summands })
        }
    }

    /// The upper triangle of `Xᵀ X`, as [`Matrix::from_triangle`] takes it.
    fn gram<const A: u32, const C: u32>(
        &mut self,
        matrix: &Matrix<A>,
    ) -> impl Future<Output = Result<Additive<C>, Error>> + Send {
        const { assert!(C == A + A, "a product has the fraction bits of both factors") };
        async move {
            let (columns, rows) = (&matrix.columns, 0..matrix.rows);
            let summands = Backend::raw_gram(self, columns, rows, columns).await?;
            Ok(Additive { len: triangle(matrix.columns()), summands })
        }
    }

    /// The upper triangle of `Xᵀ U` over some rows of X, as many as U has, where that is symmetric:
    /// as with `U = W X` and diagonal `W`.
    fn gram_with<const A: u32, const B: u32, const C: u32>(
        &mut self,
        matrix: &Matrix<A>,
        rows: Range<usize>,
        other: &Matrix<B>,
    ) -> impl Future<Output = Result<Additive<C>, Error>> + Send {
        const { assert!(C == A + B, "a product has the fraction bits of both factors") };
        async move {
            let shapes = [(rows.len(), matrix.columns()), (other.rows, other.columns())];
            assert_eq!(shapes[0], shapes[1], "matrices of the same shape");
            assert!(rows.end <= matrix.rows, "rows of the matrix");
            let summands = Backend::raw_gram(self, &matrix.columns, rows, &other.columns).await?;
            Ok(Additive { len: triangle(matrix.columns()), summands })
        }
    }

    /// Multiplies some rows of a matrix each by a number: `diag(w) X`, column after column.
    fn scale_rows<const A: u32, const B: u32, const C: u32>(
        &mut self,
        matrix: &Matrix<A>,
        rows: Range<usize>,
        vector: &Vector<B>,
    ) -> impl Future<Output = Result<Additive<C>, Error>> + Send {
        const { assert!(C == A + B, "a product has the fraction bits of both factors") };
        async move {
            assert_eq!(rows.len(), vector.len(), "a number for each row");
            assert!(rows.end <= matrix.rows, "rows of the matrix");
            let len = rows.len() * matrix.columns();
            let summands =
                Backend::raw_scale_rows(self, &matrix.columns, rows, &vector.words).await?;
            Ok(Additive { len, summands })
        }
    }

    /// Multiplies two matrices: `A B`, column after column.
    fn matmul<const A: u32, const B: u32, const C: u32>(
        &mut self,
        left: &Matrix<A>,
        right: &Matrix<B>,
    ) -> impl Future<Output = Result<Additive<C>, Error>> + Send {
        const { assert!(C == A + B, "a product has the fraction bits of both factors") };
        async move {
            assert_eq!(left.columns(), right.rows, "as many columns as the other has rows");
            let len = left.rows * right.columns();
            let summands = Backend::raw_matmul(self, &left.columns, &right.columns).await?;
            Ok(Additive { len, summands })
        }
    }

    /// Multiplies two vectors number by number.
    fn multiply<const A: u32, const B: u32, const C: u32>(
        &mut self,
        x: &Vector<A>,
        y: &Vector<B>,
    ) -> impl Future<Output = Result<Additive<C>, Error>> + Send {
        const { assert!(C == A + B, "a product has the fraction bits of both factors") };
        async move {
            assert_eq!(x.len(), y.len(), "vectors of the same length");
            let summands = Backend::raw_multiply(self, &x.words, &y.words).await?;
            Ok(Additive { len: x.len(), summands })
        }
    }

    /// The inner product of two vectors, as one number.
    fn dot<const A: u32, const B: u32, const C: u32>(
        &mut self,
        x: &Vector<A>,
        y: &Vector<B>,
    ) -> impl Future<Output = Result<Additive<C>, Error>> + Send {
        const { assert!(C == A + B, "a product has the fraction bits of both factors") };
        async move {
            assert_eq!(x.len(), y.len(), "vectors of the same length");
            let column = std::slice::from_ref(&x.words);
            let summands = Backend::raw_transposed(self, column, 0..x.len(), &y.words).await?;
            Ok(Additive { len: 1, summands })
        }
    }

    /// Makes sums of products a shared vector, masked by a sharing of zero.
    fn reshare<const F: u32>(
        &mut self,
        sum: Additive<F>,
    ) -> impl Future<Output = Result<Vector<F>, Error>> + Send {
        let (summands, len) = sum.take();
        async move { Ok(Vector { words: Backend::raw_reshare(self, summands, len).await? }) }
    }

    /// Takes `F - OUT` fraction bits away from sums of products and makes them a shared vector: at
    /// most one unit of the last place too much or too little. For |x| < 2^62 as ring elements;
    /// beyond, the result is wrong (SPEC §3.5).
    fn truncate<const F: u32, const OUT: u32>(
        &mut self,
        sum: Additive<F>,
    ) -> impl Future<Output = Result<Vector<OUT>, Error>> + Send {
        const { assert!(OUT < F && F < 63, "a truncation takes fraction bits away") };
        self.shifted(sum, F - OUT)
    }

    /// Shifts right by a public number of bits, as [`truncate`](Engine::truncate) does; the scale
    /// that results is the caller's.
    fn shifted<const F: u32, const OUT: u32>(
        &mut self,
        sum: Additive<F>,
        by: u32,
    ) -> impl Future<Output = Result<Vector<OUT>, Error>> + Send {
        let (summands, len) = sum.take();
        async move {
            assert!((1..62).contains(&by), "a shift takes 1 to 61 bits away");
            Ok(Vector { words: Backend::raw_truncate(self, summands, len, by).await? })
        }
    }

    /// Takes `F - OUT` fraction bits away, rounding down exactly: by a Boolean adder (SPEC §3.5).
    fn truncate_exact<const F: u32, const OUT: u32>(
        &mut self,
        sum: Additive<F>,
    ) -> impl Future<Output = Result<Vector<OUT>, Error>> + Send {
        const { assert!(OUT < F && F < 63, "a truncation takes fraction bits away") };
        let (summands, len) = sum.take();
        async move {
            let words = circuit::truncate_exact(self, summands, len, F - OUT).await?;
            Ok(Vector { words })
        }
    }

    /// Looks up |z| in public tables on one grid; |z| must be below 2^8.
    fn lookup<const S: u32, const OUT: u32>(
        &mut self,
        z: &Additive<S>,
        tables: &[&Table<OUT>],
    ) -> impl Future<Output = Result<Lookup<OUT>, Error>> + Send {
        const { assert!(S >= WINDOW.fraction && S + WINDOW.integer_bits() < 64) };
        async move {
            let Looked { values, saturated } = circuit::lookup::look_up(self, z, tables).await?;
            Ok(Lookup { values, saturated })
        }
    }

    /// Shares the bits of whole numbers in 0..2^`width`, lowest first, exactly.
    fn to_bits(
        &mut self,
        vector: &Vector<0>,
        width: usize,
    ) -> impl Future<Output = Result<Bits, Error>> + Send {
        circuit::to_bits(self, &vector.words, 0, width)
    }

    /// Shares the bits of numbers from their integer part down to `grid.step` fraction bits:
    /// `floor(z 2^step) mod 2^index`, at most a step of 2^-8 wrong before it is cut.
    fn steps<const S: u32>(
        &mut self,
        z: &Additive<S>,
        grid: Grid,
    ) -> impl Future<Output = Result<Bits, Error>> + Send {
        const { assert!(S >= WINDOW.fraction && S + WINDOW.integer_bits() < 64) };
        circuit::lookup::steps(self, z, grid)
    }

    /// Shares the lowest bit of each whole number: of a 0 or 1, the bit. No round.
    fn parity(&self, vector: &Vector<0>) -> Bits {
        Backend::raw_parity(self, &vector.words)
    }

    /// Shares whether each number is below zero, exactly.
    fn negative<const F: u32>(
        &mut self,
        vector: &Vector<F>,
    ) -> impl Future<Output = Result<Bits, Error>> + Send {
        circuit::negative(self, &vector.words, 64)
    }

    /// Shares whether the number that the bits of each row spell is at least a public one.
    fn at_least(
        &mut self,
        bits: &Bits,
        threshold: u64,
    ) -> impl Future<Output = Result<Bits, Error>> + Send {
        circuit::at_least(self, bits, threshold)
    }

    /// Turns every bit over. No round.
    fn not(&self, bits: &Bits) -> Bits {
        let mut bits = bits.select(&(0..bits.width).collect::<Vec<_>>());
        self.raw_flip(&mut bits);
        bits
    }

    /// The conjunction, plane by plane; a single plane goes with each of the other's.
    fn and(&mut self, x: &Bits, y: &Bits) -> impl Future<Output = Result<Bits, Error>> + Send {
        circuit::and(self, x, y)
    }

    /// The 2^width planes of which exactly one is set in each row: the one that its bits spell.
    fn one_hot(&mut self, bits: &Bits) -> impl Future<Output = Result<Bits, Error>> + Send {
        async move { Ok(circuit::one_hot(self, bits, bits.select(&[])).await?.0) }
    }

    /// The numbers that the bits of each row spell, as a shared vector.
    fn to_vector(&mut self, bits: &Bits) -> impl Future<Output = Result<Vector<0>, Error>> + Send {
        async move {
            let mut summands = Backend::raw_to_arithmetic(self, bits, &[bits.width]).await?;
            let summands = summands.pop().unwrap_or_default();
            Ok(Vector { words: Backend::raw_reshare(self, summands, bits.rows).await? })
        }
    }

    /// Each plane as a vector of zeros and ones, one after another.
    fn to_indicators(
        &mut self,
        bits: &Bits,
    ) -> impl Future<Output = Result<Vector<0>, Error>> + Send {
        async move {
            let groups = vec![1; bits.width];
            let summands = Backend::raw_to_arithmetic(self, bits, &groups).await?.concat();
            Ok(Vector {
                words: Backend::raw_reshare(self, summands, bits.rows * bits.width).await?,
            })
        }
    }

    /// How many bits of each plane are set, for few planes: in one round, at 8 bytes a bit.
    fn tally(&mut self, bits: &Bits) -> impl Future<Output = Result<Additive<0>, Error>> + Send {
        async move {
            let numbers = Backend::raw_to_arithmetic(self, bits, &vec![1; bits.width]).await?;
            let sums = numbers.iter().filter(|plane| !plane.is_empty());
            let summands = sums.map(|plane| summed(plane)).collect();
            Ok(Additive { len: bits.width, summands })
        }
    }

    /// How many bits of each plane are set, for many planes or rows: by carry-save addition.
    fn count(&mut self, bits: &Bits) -> impl Future<Output = Result<Vector<0>, Error>> + Send {
        async move { Ok(Vector { words: circuit::count(self, bits).await? }) }
    }

    /// Ends the secrecy of these numbers: every role learns them.
    fn open<const F: u32>(
        &mut self,
        vector: &Vector<F>,
    ) -> impl Future<Output = Result<Opened<F>, Error>> + Send {
        async move { Ok(opened(Backend::raw_open(self, &vector.words).await?)) }
    }

    /// Ends the secrecy of these numbers towards one role, which alone gets them.
    fn open_to<const F: u32>(
        &mut self,
        role: Role,
        vector: &Vector<F>,
    ) -> impl Future<Output = Result<Option<Opened<F>>, Error>> + Send {
        async move { Ok(Backend::raw_open_to(self, role, &vector.words).await?.map(opened)) }
    }

    /// Ends the secrecy of these bits: every role learns them, plane after plane.
    fn open_bits(
        &mut self,
        bits: &Bits,
    ) -> impl Future<Output = Result<Vec<Vec<bool>>, Error>> + Send {
        async move {
            let halves = Backend::raw_open_bits(self, bits).await?;
            Ok((0..bits.width).map(|plane| bits.unpack(&halves, plane)).collect())
        }
    }

    /// The rows of a matrix in an order that no role knows.
    fn shuffle<const F: u32>(
        &mut self,
        matrix: Matrix<F>,
    ) -> impl Future<Output = Result<Matrix<F>, Error>> + Send {
        async move {
            let rows = matrix.rows;
            Ok(Matrix { rows, columns: Backend::raw_shuffle(self, matrix.columns).await? })
        }
    }

    /// Random bytes that no role could choose: committed to, then opened. Two rounds.
    fn coin(&mut self) -> impl Future<Output = Result<[u8; 32], Error>> + Send {
        Backend::raw_coin(self)
    }
}

impl<T: Backend> Engine for T {}

/// What [`lookup`](Engine::lookup) found.
pub struct Lookup<const OUT: u32> {
    /// The value of each table in each row, of which every role holds a summand.
    pub values: Vec<Additive<OUT>>,
    /// Whether |z| lies beyond the grid, so that the last entry stood in: one plane.
    pub saturated: Bits,
}

/// How many numbers the triangle of a square matrix has.
fn triangle(size: usize) -> usize {
    size * (size + 1) / 2
}

fn ring(values: &[i64]) -> Vec<u64> {
    values.iter().map(|value| value.cast_unsigned()).collect()
}

fn opened<const F: u32>(words: Vec<u64>) -> Opened<F> {
    Opened(words.into_iter().map(u64::cast_signed).collect())
}

/// A vector as summands: replicated and additive sharings have them in their first component.
pub(crate) fn summands_of(words: &Words) -> Zeroizing<Vec<u64>> {
    Zeroizing::new(words.a.clone())
}
